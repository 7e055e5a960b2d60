"""Keras 2."""

from impl.keras2 import activations as activations
from impl.keras2 import backend as backend
from impl.keras2 import constraints as constraints
from impl.keras2 import initializers as initializers
from impl.keras2 import layers as layers
from impl.keras2 import losses as losses
from impl.keras2 import mixed_precision as mixed_precision
from impl.keras2 import models as models
from impl.keras2 import optimizers as optimizers
from impl.keras2 import regularizers as regularizers
from impl.keras2 import saving as saving
from impl.keras2 import utils as utils
from impl.keras2.layers import Input as Input
from impl.keras2.models import Sequential as Sequential
