"""Keras 3."""

from impl.keras3 import activations as activations
from impl.keras3 import config as config
from impl.keras3 import constraints as constraints
from impl.keras3 import initializers as initializers
from impl.keras3 import layers as layers
from impl.keras3 import losses as losses
from impl.keras3 import models as models
from impl.keras3 import ops as ops
from impl.keras3 import optimizers as optimizers
from impl.keras3 import random as random
from impl.keras3 import regularizers as regularizers
from impl.keras3 import saving as saving
from impl.keras3 import utils as utils
from impl.keras3.config import DTypePolicy as DTypePolicy
from impl.keras3.layers import Input as Input
from impl.keras3.models import Sequential as Sequential
