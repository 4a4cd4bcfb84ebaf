import Reward
