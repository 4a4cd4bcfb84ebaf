// The library for Swift programs: `import GANRM` brings in every public module of the package.

@_exported import Distances
@_exported import Encoders
@_exported import Evaluation
@_exported import Files
@_exported import Frames
@_exported import Media
@_exported import Metrics
@_exported import ModelCatalogue
@_exported import ModelDownloads
@_exported import Pages
@_exported import Pipeline
@_exported import Preference
@_exported import Reward
@_exported import Rounds
@_exported import Scoring
@_exported import Statistics
@_exported import Store
@_exported import Tensors
@_exported import TextFormats
@_exported import Tokenizers
@_exported import Training
