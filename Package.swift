// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// Targets are listed lowest first: a target imports only targets above it.
let package = Package(
    name: "ganrm",
    products: [
        .library(name: "GANRM", targets: ["GANRM"]),
        .executable(name: "ganrm", targets: ["Command"]),
        // The C interface; scripts/build-dist makes libganrm.so of it.
        .library(name: "CInterface", type: .static, targets: ["CInterface"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Without its traits: configuration files are the command's, and Foundation's locales are not needed.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
        // Without its traits: their flags come in another order each time, and each time all of
        // SwiftProtobuf is compiled again.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    ],
    targets: [
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavfilter libavformat libavcodec libswscale libavutil"),
        .systemLibrary(name: "CLAPACK"),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive"),
        .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4"),
        .target(name: "CKernels", cSettings: [.headerSearchPath(".")]),
        .target(name: "CONNXRuntime"),
        .target(name: "TextFormats", swiftSettings: settings),
        .target(
            name: "YAML",
            dependencies: [
                "TextFormats",
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: settings),
        .target(
            name: "Files",
            dependencies: [
                "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: settings),
        .target(name: "Statistics", dependencies: ["TextFormats"], swiftSettings: settings),
        .target(
            name: "Tensors",
            dependencies: [
                "CZlib", "Files", "TextFormats",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ], exclude: ["ONNX/Onnx.proto"], swiftSettings: settings),
        .target(
            name: "Distances", dependencies: ["CLAPACK", "Files", "Statistics", "Tensors"],
            swiftSettings: settings),
        .target(
            name: "Tokenizers",
            dependencies: [
                "Files", "TextFormats", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(
            name: "Frames", dependencies: ["CFFmpeg", "CKernels", "Files"],
            swiftSettings: settings),
        .target(name: "CUploads"),
        .target(
            name: "Media",
            dependencies: [
                "CArchive", "CFFmpeg", "CTIFF", "CUploads", "Files", "Frames", "TextFormats",
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: settings),
        .target(
            name: "Encoders",
            dependencies: [
                "CKernels", "Files", "Frames", "Statistics", "Tensors", "Tokenizers",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ], swiftSettings: settings),
        .target(
            name: "ModelCatalogue",
            dependencies: ["Encoders", "Files", "Frames", "Tensors", "TextFormats", "Tokenizers"],
            swiftSettings: settings),
        .target(
            name: "ModelDownloads",
            dependencies: [
                "CCurl", "Encoders", "Files", "ModelCatalogue", "Tensors", "Tokenizers",
            ], swiftSettings: settings),
        .target(
            name: "Store",
            dependencies: [
                "CZlib", "Encoders", "Files", "Frames", "Media", "ModelCatalogue", "Tensors",
                "TextFormats", "Tokenizers", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: settings),
        .target(
            name: "Reward",
            dependencies: [
                "CKernels", "Encoders", "Files", "Frames", "Statistics", "Tensors",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: settings),
        .target(
            name: "Scoring",
            dependencies: [
                "Encoders", "Files", "Frames", "ModelCatalogue", "Reward", "Tensors",
                "TextFormats", "Tokenizers",
            ], swiftSettings: settings),
        .target(
            name: "Preference",
            dependencies: [
                "CArchive", "Files", "Frames", "Media", "Reward", "Scoring", "Statistics",
                "Tensors", "TextFormats",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ], swiftSettings: settings),
        .target(
            name: "Pipeline",
            dependencies: [
                "Encoders", "Files", "Frames", "Media", "ModelCatalogue", "Preference", "Reward",
                "Scoring", "Statistics", "Store", "Tensors", "TextFormats", "Tokenizers",
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: settings),
        .target(
            name: "Training",
            dependencies: [
                "CKernels", "CLAPACK", "Encoders", "Files", "Frames", "Media", "Pipeline", "Reward",
                "Scoring", "Statistics", "Store", "Tensors", "TextFormats",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: settings),
        .target(
            name: "Evaluation",
            dependencies: [
                "Distances", "Encoders", "Files", "Frames", "Media", "Pipeline", "Reward",
                "Scoring", "Statistics", "Store", "Tensors", "TextFormats", "Training",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ], swiftSettings: settings),
        .target(
            name: "Metrics",
            dependencies: [
                "CONNXRuntime", "Distances", "Encoders", "Evaluation", "Files", "Frames", "Media",
                "ModelCatalogue", "Pipeline", "Preference", "Scoring", "Statistics", "Store",
                "Tensors", "TextFormats", "Tokenizers",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ], swiftSettings: settings),
        .target(
            name: "Pages",
            dependencies: [
                "Evaluation", "Files", "Frames", "Media", "Metrics", "Pipeline", "Preference",
                "Reward",
                "Scoring", "Statistics", "TextFormats", "Training",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            resources: [
                "player.css", "player.js", "report.css", "report.js", "study.css", "study.js",
            ]
            .map { .embedInCode("Web/\($0)") }, swiftSettings: settings),
        .target(
            name: "Rounds",
            dependencies: [
                "Distances", "Encoders", "Evaluation", "Files", "Frames", "Media", "Metrics",
                "ModelCatalogue", "Pipeline",
                "Preference", "Reward", "Scoring", "Statistics", "Store", "Tensors", "TextFormats",
                "Training", "YAML", .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: settings),
        .target(
            name: "GANRM",
            dependencies: [
                "Distances", "Encoders", "Evaluation", "Files", "Frames", "Media", "Metrics",
                "ModelCatalogue",
                "ModelDownloads", "Pages", "Pipeline", "Preference", "Reward", "Rounds", "Scoring",
                "Statistics", "Store", "Tensors", "TextFormats", "Tokenizers", "Training",
            ], swiftSettings: settings),
        .target(name: "CGANRM", exclude: ["libganrm.map"]),
        .target(
            name: "CInterface",
            dependencies: ["CGANRM", "Encoders", "Frames", "ModelCatalogue", "Reward", "Scoring"],
            swiftSettings: settings),
        .target(
            name: "Serving",
            dependencies: [
                "CUploads", "Encoders", "Files", "Media", "Metrics", "Pipeline", "Preference",
                "Reward", "Scoring", "Tensors", "TextFormats",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
                // swift-metrics, which it counts requests with, has a module of the name of ours.
                .product(
                    name: "Hummingbird", package: "hummingbird",
                    moduleAliases: ["Metrics": "RequestMetrics"]),
            ], resources: [.embedInCode("Web/status.html"), .embedInCode("Web/openapi.json")],
            swiftSettings: settings),
        .executableTarget(
            name: "Command",
            dependencies: [
                "Distances", "Encoders", "Evaluation", "Files", "Frames", "Media", "Metrics",
                "ModelCatalogue",
                "ModelDownloads", "Pages", "Pipeline", "Preference", "Reward", "Rounds", "Scoring",
                "Serving", "Statistics", "Store", "Tensors", "TextFormats", "Tokenizers",
                "Training", "YAML",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "Ablations",
            dependencies: [
                "Evaluation", "Files", "Pipeline", "Reward", "Statistics", "Tensors", "TextFormats",
                "Training",
            ],
            path: "Benchmarks/ablations", swiftSettings: settings
        ),
        .target(
            name: "TestSupport", dependencies: ["Frames", "Media", "TextFormats"],
            path: "Tests/Support", swiftSettings: settings),
        .target(
            name: "TestModels",
            dependencies: [
                "Encoders", "Frames", "Metrics", "Reward", "Scoring", "Statistics", "Tensors",
                "TestSupport", "Tokenizers", "Training",
            ], path: "Tests/Models", swiftSettings: settings),
        // The fuzz targets and their program; see CONTRIBUTING.md. No product has them.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Distances", "Encoders", "Evaluation", "Files", "Frames", "Media", "Metrics",
                "Pipeline",
                "Preference",
                "Reward", "Rounds", "Scoring", "Store", "Tensors", "TestModels", "TestSupport",
                "TextFormats", "Tokenizers", .product(name: "GRDB", package: "GRDB.swift"),
            ], path: "Fuzz/Targets", swiftSettings: settings),
        .executableTarget(
            name: "Fuzz", dependencies: ["CGANRM", "CInterface", "FuzzTargets"],
            path: "Fuzz/Driver"),
        .testTarget(
            name: "CKernelsTests",
            dependencies: ["CKernels", "Statistics", "Tensors", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "TextFormatsTests", dependencies: ["TextFormats"], swiftSettings: settings),
        .testTarget(
            name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "StatisticsTests", dependencies: ["Reward", "Statistics", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "TensorsTests", dependencies: ["Files", "Tensors", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "DistancesTests",
            dependencies: ["Distances", "Statistics", "Tensors", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "FramesTests", dependencies: ["Frames", "Media", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "MediaTests",
            dependencies: ["Files", "Frames", "Media", "TestSupport", "TextFormats"],
            swiftSettings: settings),
        .testTarget(
            name: "TokenizersTests", dependencies: ["Files", "TestSupport", "Tokenizers"],
            swiftSettings: settings),
        .testTarget(
            name: "EncodersTests",
            dependencies: [
                "CKernels", "Encoders", "Frames", "Tensors", "TestModels", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ModelCatalogueTests", dependencies: ["Encoders", "ModelCatalogue"],
            swiftSettings: settings),
        .testTarget(
            name: "ModelDownloadsTests",
            dependencies: [
                "Encoders", "ModelCatalogue", "ModelDownloads", "Tensors", "TestSupport",
                "Tokenizers",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: settings),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "Encoders", "Frames", "Media", "Store", "Tensors", "TestSupport", "Tokenizers",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: settings),
        .testTarget(
            name: "RewardTests",
            dependencies: [
                "Encoders", "Frames", "Reward", "Tensors", "TestModels", "TestSupport", "Training",
            ], swiftSettings: settings),
        .testTarget(
            name: "ScoringTests",
            dependencies: [
                "Encoders", "Frames", "Media", "Pipeline", "Reward", "Scoring", "TestModels",
                "TestSupport", "TextFormats",
            ], swiftSettings: settings),
        .testTarget(
            name: "PreferenceTests",
            dependencies: [
                "Frames", "Media", "Preference", "Reward", "Scoring", "TestSupport", "TextFormats",
            ], swiftSettings: settings),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "Encoders", "Frames", "Media", "Pipeline", "Reward", "Scoring", "Store",
                "Tensors", "TestModels", "TestSupport", "TextFormats", "Training",
            ], swiftSettings: settings),
        .testTarget(
            name: "MetricsTests",
            dependencies: [
                "Distances", "Encoders", "Evaluation", "Frames", "Media", "Metrics",
                "ModelCatalogue", "Pipeline",
                "Preference", "Scoring", "Statistics",
                "Tensors", "TestModels",
                "TestSupport", "TextFormats", "Tokenizers",
            ], swiftSettings: settings),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Encoders", "Frames", "Media", "Pipeline", "Reward", "Statistics", "Tensors",
                "TestModels", "TestSupport", "TextFormats", "Training",
            ], swiftSettings: settings),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "Distances", "Encoders", "Evaluation", "Frames", "Media", "Pipeline", "Reward",
                "Statistics",
                "TestSupport", "TextFormats",
            ], swiftSettings: settings),
        .testTarget(
            name: "RoundsTests",
            dependencies: [
                "Distances", "Evaluation", "Media", "Pipeline", "Preference", "Reward", "Rounds",
                "TestSupport",
                "TextFormats",
            ], swiftSettings: settings),
        .testTarget(
            name: "ServingTests",
            dependencies: [
                "Encoders", "Frames", "Metrics", "Pipeline", "Scoring", "Serving", "TestModels",
                "TestSupport", "TextFormats",
            ], swiftSettings: settings),
        .testTarget(
            name: "CInterfaceTests",
            dependencies: [
                "CGANRM", "CInterface", "Pipeline", "Reward", "Scoring", "TestModels",
                "TestSupport", "TextFormats",
            ], swiftSettings: settings),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "Distances", "Encoders", "Frames", "Media", "Metrics", "ModelCatalogue", "Pipeline",
                "Reward",
                "Scoring",
                "Tensors", "TestModels", "TestSupport", "TextFormats", "Training",
            ], swiftSettings: settings),
    ]
)
