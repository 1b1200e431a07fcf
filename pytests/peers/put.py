"""The manual's second client: puts 'hello'."""
import base

base.connect().get_queue().put('hello')
base.answer(None)
