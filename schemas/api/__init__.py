"""The HTTP API as data: parameters, bodies, answers and the operations made of them."""
