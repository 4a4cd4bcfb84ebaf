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
        .executable(name: "ganrm", targets: ["GANRMCommand"]),
        // The C interface; scripts/build-dist makes libganrm.so of it.
        .library(name: "GANRMC", type: .static, targets: ["GANRMC"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
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
        .target(name: "JSON", swiftSettings: settings),
        .target(name: "CSV", swiftSettings: settings),
        .target(
            name: "Tensors",
            dependencies: [
                "CZlib", "JSON", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Onnx.proto"],
            swiftSettings: settings
        ),
        .target(name: "Frames", dependencies: ["CFFmpeg", "CKernels"], swiftSettings: settings),
        .target(name: "Media", dependencies: ["CFFmpeg", "Frames"], swiftSettings: settings),
        .target(
            name: "Encoders",
            dependencies: [
                "CCurl", "CKernels", "Frames", "Tensors",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Store",
            dependencies: [
                "CZlib", "Encoders", "JSON", "Frames", "Media", "Tensors",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Reward",
            dependencies: [
                "CKernels", "Encoders", "Frames", "Tensors",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Scoring", dependencies: ["Encoders", "Frames", "Reward", "Tensors"],
            swiftSettings: settings
        ),
        .target(
            name: "Preference",
            dependencies: ["CArchive", "CSV", "JSON", "Frames", "Media", "Reward"],
            swiftSettings: settings
        ),
        .target(
            name: "GANRM",
            dependencies: [
                "CLAPACK", "CSV", "JSON", "Frames", "Media", "Encoders", "Preference", "Reward",
                "Scoring",
                "Store", "Tensors",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: [
                "player.css", "player.js", "report.css", "report.js", "study.css", "study.js",
            ]
            .map { .embedInCode("Page/Web/\($0)") },
            swiftSettings: settings
        ),
        .target(
            name: "Rounds",
            dependencies: [
                "Encoders", "GANRM", "JSON", "Frames", "Media", "Preference", "Reward", "Scoring",
                "Store",
                "Tensors",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .target(name: "CGANRM", exclude: ["libganrm.map"]),
        .target(
            name: "GANRMC",
            dependencies: ["CGANRM", "Encoders", "Frames", "Reward", "Scoring"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "GANRMCommand",
            dependencies: [
                "GANRM", "JSON", "Frames", "Media", "Encoders", "Preference", "Reward", "Rounds",
                "Scoring",
                "Store", "Tensors",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Ablations", dependencies: ["GANRM", "JSON", "Reward"],
            path: "Benchmarks/ablations", swiftSettings: settings
        ),
        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: settings),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: settings),
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
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Golden"], swiftSettings: settings
        ),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Encoders", "Frames", "Media", "Store", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RewardTests",
            dependencies: ["CKernels", "Reward", "Encoders", "Frames", "TestSupport", "Tensors"],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PreferenceTests",
            dependencies: ["JSON", "Frames", "Media", "Preference", "Reward", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoundsTests",
            dependencies: ["Frames", "Media", "Preference", "Reward", "Rounds", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GANRMTests",
            dependencies: [
                "CGANRM", "CSV", "GANRM", "GANRMC", "JSON", "Frames", "Media", "Encoders",
                "Preference",
                "Reward", "Scoring", "Store", "TestSupport", "Tensors",
            ],
            exclude: ["Golden"], swiftSettings: settings
        ),
    ]
)
