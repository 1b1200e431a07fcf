"""The manual's third client: takes what the second put."""
import base

base.answer(base.connect().get_queue().get())
