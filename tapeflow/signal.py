"""`tf.signal`: Fourier and cosine transforms, frames and windows."""

from __future__ import annotations

from .ops.fourier_nd import fftnd as fftnd
from .ops.fourier_nd import ifftnd as ifftnd
from .ops.fourier_nd import irfftnd as irfftnd
from .ops.fourier_nd import rfftnd as rfftnd
from .ops.signal_cosines import dct as dct
from .ops.signal_cosines import idct as idct
from .ops.signal_cosines import inverse_mdct as inverse_mdct
from .ops.signal_cosines import linear_to_mel_weight_matrix as linear_to_mel_weight_matrix
from .ops.signal_cosines import mdct as mdct
from .ops.signal_cosines import mfccs_from_log_mel_spectrograms as mfccs_from_log_mel_spectrograms
from .ops.signal_frames import frame as frame
from .ops.signal_frames import inverse_stft as inverse_stft
from .ops.signal_frames import inverse_stft_window_fn as inverse_stft_window_fn
from .ops.signal_frames import overlap_and_add as overlap_and_add
from .ops.signal_frames import stft as stft
from .ops.signal_windows import hamming_window as hamming_window
from .ops.signal_windows import hann_window as hann_window
from .ops.signal_windows import kaiser_bessel_derived_window as kaiser_bessel_derived_window
from .ops.signal_windows import kaiser_window as kaiser_window
from .ops.signal_windows import vorbis_window as vorbis_window
from .ops.spectral import fft as fft
from .ops.spectral import fft2d as fft2d
from .ops.spectral import fft3d as fft3d
from .ops.spectral import fftshift as fftshift
from .ops.spectral import ifft as ifft
from .ops.spectral import ifft2d as ifft2d
from .ops.spectral import ifft3d as ifft3d
from .ops.spectral import ifftshift as ifftshift
from .ops.spectral import irfft as irfft
from .ops.spectral import irfft2d as irfft2d
from .ops.spectral import irfft3d as irfft3d
from .ops.spectral import rfft as rfft
from .ops.spectral import rfft2d as rfft2d
from .ops.spectral import rfft3d as rfft3d
