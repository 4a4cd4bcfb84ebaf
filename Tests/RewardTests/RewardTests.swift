import Testing

import Reward
