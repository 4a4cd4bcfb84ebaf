import Testing

import Encoders
