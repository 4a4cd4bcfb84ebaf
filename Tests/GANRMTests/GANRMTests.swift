import Testing

import GANRM
