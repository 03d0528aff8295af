"""`tf.image`: functions of images."""

from __future__ import annotations

from .ops.image import central_crop as central_crop
from .ops.image import crop_to_bounding_box as crop_to_bounding_box
from .ops.image import flip_left_right as flip_left_right
from .ops.image import flip_up_down as flip_up_down
from .ops.image import pad_to_bounding_box as pad_to_bounding_box
from .ops.image import resize_with_crop_or_pad as resize_with_crop_or_pad
from .ops.image import resize_with_pad as resize_with_pad
from .ops.image import rot90 as rot90
from .ops.image import transpose as transpose
from .ops.image_colors import adjust_brightness as adjust_brightness
from .ops.image_colors import adjust_contrast as adjust_contrast
from .ops.image_colors import adjust_gamma as adjust_gamma
from .ops.image_colors import adjust_hue as adjust_hue
from .ops.image_colors import adjust_saturation as adjust_saturation
from .ops.image_colors import convert_image_dtype as convert_image_dtype
from .ops.image_colors import grayscale_to_rgb as grayscale_to_rgb
from .ops.image_colors import image_gradients as image_gradients
from .ops.image_colors import per_image_standardization as per_image_standardization
from .ops.image_colors import psnr as psnr
from .ops.image_colors import rgb_to_grayscale as rgb_to_grayscale
from .ops.image_colors import total_variation as total_variation
from .ops.image_random import random_brightness as random_brightness
from .ops.image_random import random_contrast as random_contrast
from .ops.image_random import random_crop as random_crop
from .ops.image_random import random_flip_left_right as random_flip_left_right
from .ops.image_random import random_flip_up_down as random_flip_up_down
from .ops.image_random import random_hue as random_hue
from .ops.image_random import random_saturation as random_saturation
from .ops.image_random import stateless_random_brightness as stateless_random_brightness
from .ops.image_random import stateless_random_contrast as stateless_random_contrast
from .ops.image_random import stateless_random_crop as stateless_random_crop
from .ops.image_random import stateless_random_flip_left_right as stateless_random_flip_left_right
from .ops.image_random import stateless_random_flip_up_down as stateless_random_flip_up_down
from .ops.image_random import stateless_random_hue as stateless_random_hue
from .ops.image_random import stateless_random_saturation as stateless_random_saturation
from .ops.resize import ResizeMethod as ResizeMethod
from .ops.resize import resize as resize
