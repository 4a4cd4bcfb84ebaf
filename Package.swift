// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// The rooms of the house, lowest first: a target imports only what stands above it in this list.
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
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
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
        .target(name: "CKernels", cSettings: [.headerSearchPath(".")]),
        .target(name: "TextFormats", dependencies: [], swiftSettings: settings),
        .target(
            name: "Files",
            dependencies: [
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: settings),
        .target(name: "Statistics", dependencies: [], swiftSettings: settings),
        .target(
            name: "Tensors",
            dependencies: [
                "CZlib", "Statistics", "TextFormats",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"), "Files",
            ], exclude: ["ONNX/Onnx.proto"], swiftSettings: settings),
        .target(name: "Frames", dependencies: ["CFFmpeg", "CKernels"], swiftSettings: settings),
        .target(name: "Media", dependencies: ["CFFmpeg", "Frames"], swiftSettings: settings),
        .target(
            name: "Encoders",
            dependencies: [
                "CKernels", "Frames", "Statistics", "Tensors",
                .product(name: "Crypto", package: "swift-crypto"), "Files",
            ], swiftSettings: settings),
        .target(
            name: "ModelCatalogue",
            dependencies: [
                "Encoders", "Tensors", .product(name: "Crypto", package: "swift-crypto"), "Files",
            ], swiftSettings: settings),
        .target(
            name: "ModelDownloads",
            dependencies: [
                "CCurl", "Encoders", "ModelCatalogue", "Tensors",
                .product(name: "Crypto", package: "swift-crypto"), "Files",
            ], swiftSettings: settings),
        .target(
            name: "Store",
            dependencies: [
                "CZlib", "Encoders", "Frames", "Media", "ModelCatalogue", "Tensors", "TextFormats",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"), "Files",
            ], swiftSettings: settings),
        .target(
            name: "Reward",
            dependencies: [
                "CKernels", "Encoders", "Frames", "Statistics", "Tensors",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: settings),
        .target(
            name: "Scoring",
            dependencies: [
                "Encoders", "Frames", "ModelCatalogue", "Reward", "Statistics", "Tensors",
                "TextFormats",
            ], swiftSettings: settings),
        .target(
            name: "Preference",
            dependencies: [
                "CArchive", "Files", "Frames", "Media", "Reward", "Scoring", "Statistics",
                "Tensors", "TextFormats",
            ], swiftSettings: settings),
        .target(
            name: "Pipeline",
            dependencies: [
                "Encoders", "Files", "Frames", "Media", "ModelCatalogue", "Preference", "Reward",
                "Scoring", "Statistics", "Store", "Tensors", "TextFormats",
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
                "CLAPACK", "Encoders", "Files", "Frames", "Media", "Pipeline", "Preference",
                "Reward", "Scoring", "Statistics", "Store", "Tensors", "TextFormats", "Training",
            ], swiftSettings: settings),
        .target(
            name: "Pages",
            dependencies: [
                "Evaluation", "Files", "Frames", "Media", "Pipeline", "Preference", "Reward",
                "Scoring", "Statistics", "TextFormats", "Training",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: [
                "player.css", "player.js", "report.css", "report.js", "study.css", "study.js",
            ]
            .map { .embedInCode("Web/\($0)") }, swiftSettings: settings),
        .target(
            name: "Rounds",
            dependencies: [
                "Encoders", "Evaluation", "Files", "Frames", "Media", "ModelCatalogue", "Pipeline",
                "Preference", "Reward", "Scoring", "Statistics", "Store", "Tensors", "TextFormats",
                "Training", .product(name: "Yams", package: "Yams"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: settings),
        .target(
            name: "GANRM",
            dependencies: [
                "Encoders", "Evaluation", "Files", "Frames", "Media", "ModelCatalogue",
                "ModelDownloads",
                "Pages", "Pipeline", "Preference", "Reward", "Rounds", "Scoring", "Statistics",
                "Store", "Tensors", "TextFormats", "Training",
            ], swiftSettings: settings),
        .target(name: "CGANRM", exclude: ["libganrm.map"]),
        .target(
            name: "CInterface",
            dependencies: ["CGANRM", "Encoders", "Frames", "ModelCatalogue", "Reward", "Scoring"],
            swiftSettings: settings),
        .executableTarget(
            name: "Command",
            dependencies: [
                "Encoders", "Evaluation", "Frames", "Media", "ModelCatalogue", "ModelDownloads",
                "Pages", "Pipeline", "Preference", "Reward", "Rounds", "Scoring", "Statistics",
                "Store", "Tensors", "TextFormats", "Training", "Files",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "Ablations",
            dependencies: [
                "Evaluation", "Files", "Pipeline", "Reward", "Statistics", "Tensors", "TextFormats",
                "Training",
            ],
            path: "Benchmarks/ablations", swiftSettings: settings
        ),
        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: settings),
        .testTarget(
            name: "TextFormatsTests", dependencies: ["TextFormats", "Files"],
            swiftSettings: settings),
        .testTarget(
            name: "TensorsTests", dependencies: ["TestSupport", "Tensors"], exclude: ["Golden"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MediaTests", dependencies: ["Frames", "Media", "TestSupport"],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EncodersTests",
            dependencies: [
                "CKernels", "Encoders", "Frames", "Media", "TestSupport", "Tensors",
                .product(name: "Crypto", package: "swift-crypto"), "ModelCatalogue",
                "ModelDownloads", "Statistics", "TextFormats",
            ],
            exclude: ["Golden"], swiftSettings: settings
        ),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "Encoders", "Frames", "Media", "Store", "TestSupport", "ModelCatalogue", "Tensors",
                "TextFormats",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RewardTests",
            dependencies: [
                "CKernels", "Reward", "Encoders", "Frames", "TestSupport", "Tensors", "Statistics",
                "Training", "Media", "TextFormats",
            ],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PreferenceTests",
            dependencies: [
                "TextFormats", "Frames", "Media", "Preference", "Reward", "Scoring", "TestSupport",
                "Files", "Statistics",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoundsTests",
            dependencies: [
                "Frames", "Media", "Preference", "Reward", "Rounds", "TestSupport", "Statistics",
                "Training", "Pipeline", "TextFormats",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GANRMTests",
            dependencies: [
                "CGANRM", "Evaluation", "Files", "Pages", "Pipeline", "Rounds", "Training",
                "Statistics", "ModelCatalogue", "ModelDownloads", "CInterface", "TextFormats",
                "Frames", "Media", "Encoders",
                "Preference",
                "Reward", "Scoring", "Store", "TestSupport", "Tensors",
            ],
            exclude: ["Golden"], swiftSettings: settings
        ),
    ]
)
