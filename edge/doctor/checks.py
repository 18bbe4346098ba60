"""All checks, in the order in which they are told."""

from __future__ import annotations

from edge.doctor.alsa_name import AlsaNameCheck
from edge.doctor.board import BoardCheck
from edge.doctor.broker import BrokerCheck
from edge.doctor.camera import CameraCheck
from edge.doctor.check import Check
from edge.doctor.clock import ClockCheck
from edge.doctor.configuration import ConfigurationCheck
from edge.doctor.detector import DetectorCheck
from edge.doctor.device_nodes import DeviceNodesCheck
from edge.doctor.disk import DiskCheck
from edge.doctor.gpu import GpuCheck
from edge.doctor.microphone import MicrophoneCheck
from edge.doctor.model import ModelCheck
from edge.doctor.onnx_runtime import OnnxRuntimeCheck
from edge.doctor.opencv import OpenCVCheck
from edge.doctor.packages import PackagesCheck
from edge.doctor.plans import PlansCheck
from edge.doctor.power_mode import PowerModeCheck
from edge.doctor.pycuda import PycudaCheck
from edge.doctor.python import PythonCheck
from edge.doctor.secrets import SecretsCheck
from edge.doctor.service import ServiceCheck
from edge.doctor.service_groups import ServiceGroupsCheck
from edge.doctor.state_folder import StateFolderCheck
from edge.doctor.temperature import TemperatureCheck
from edge.doctor.tensorrt import TensorRTCheck
from edge.doctor.venv import VenvCheck
from edge.doctor.web_port import WebPortCheck

CHECKS: tuple[Check, ...] = (
    BoardCheck(),
    PythonCheck(),
    VenvCheck(),
    PackagesCheck(),
    ConfigurationCheck(),
    StateFolderCheck(),
    ModelCheck(),
    OnnxRuntimeCheck(),
    DetectorCheck(),
    DeviceNodesCheck(),
    GpuCheck(),
    TensorRTCheck(),
    PycudaCheck(),
    PlansCheck(),
    OpenCVCheck(),
    CameraCheck(),
    MicrophoneCheck(),
    AlsaNameCheck(),
    ServiceGroupsCheck(),
    BrokerCheck(),
    SecretsCheck(),
    ClockCheck(),
    DiskCheck(),
    PowerModeCheck(),
    TemperatureCheck(),
    ServiceCheck(),
    WebPortCheck(),
)
