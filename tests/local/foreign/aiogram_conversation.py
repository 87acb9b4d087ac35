"""A bot that books a table, with aiogram's states: reply keyboard, buttons, free text."""

from __future__ import annotations

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message, ReplyKeyboardRemove
from aiogram.utils.keyboard import InlineKeyboardBuilder, ReplyKeyboardBuilder


class Booking(StatesGroup):
    guests = State()
    time = State()
    note = State()
    confirm = State()


class Hour(CallbackData, prefix="time"):
    hour: int


def routes() -> Router:
    """A router belongs to one dispatcher, so each bot gets its own."""
    router = Router()

    @router.message(Command("cancel"))
    async def cancel(message: Message, state: FSMContext) -> None:
        await state.clear()
        await message.answer("Nothing was booked.", reply_markup=ReplyKeyboardRemove())

    @router.message(Command("book"))
    async def book(message: Message, state: FSMContext) -> None:
        keyboard = ReplyKeyboardBuilder()
        for number in range(1, 7):
            keyboard.button(text=str(number))
        markup = keyboard.adjust(3).as_markup(one_time_keyboard=True, resize_keyboard=True)
        await state.set_state(Booking.guests)
        await message.answer("How many of you?", reply_markup=markup)

    @router.message(Booking.guests, F.text.isdecimal())
    async def guests(message: Message, state: FSMContext) -> None:
        await state.update_data(guests=int(message.text or ""))
        await state.set_state(Booking.time)
        await message.answer("Thank you.", reply_markup=ReplyKeyboardRemove())
        keyboard = InlineKeyboardBuilder()
        for hour in (18, 19, 20):
            keyboard.button(text=f"{hour}:00", callback_data=Hour(hour=hour))
        await message.answer("At what time?", reply_markup=keyboard.as_markup())

    @router.message(Booking.guests)
    async def not_a_number(message: Message) -> None:
        await message.answer("Please send a number.")

    @router.callback_query(Booking.time, Hour.filter())
    async def time(query: CallbackQuery, callback_data: Hour, state: FSMContext) -> None:
        await query.answer("Noted")
        await state.update_data(time=callback_data.hour)
        await state.set_state(Booking.note)
        assert isinstance(query.message, Message)
        await query.message.edit_text(f"At {callback_data.hour}:00. Anything we should know? /skip if not.")

    @router.message(Booking.note, F.text)
    async def note(message: Message, state: FSMContext) -> None:
        said = "no note" if message.text == "/skip" else message.text
        data = await state.update_data(note=said)
        await state.set_state(Booking.confirm)
        keyboard = InlineKeyboardBuilder().button(text="Book", callback_data="yes")
        words = f"{data['guests']} at {data['time']}:00, {said}. Right?"
        await message.answer(words, reply_markup=keyboard.as_markup())

    @router.callback_query(Booking.confirm, F.data == "yes")
    async def confirm(query: CallbackQuery, state: FSMContext) -> None:
        await query.answer("See you there!", show_alert=True)
        await state.clear()
        assert isinstance(query.message, Message)
        await query.message.edit_reply_markup(reply_markup=None)
        await query.message.answer("Booked.")

    return router


def build(token: str, api_url: str) -> tuple[Bot, Dispatcher]:
    """The bot; nothing but `api_url` tells it from one on Telegram."""
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api_url)))
    dispatcher = Dispatcher()
    dispatcher.include_router(routes())
    return bot, dispatcher
