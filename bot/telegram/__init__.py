"""The bot on Telegram: updates in, replies out, through python-telegram-bot."""
