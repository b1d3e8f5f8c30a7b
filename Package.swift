// swift-tools-version: 6.2
import PackageDescription

/// `tools/test` sets this; a newer compiler with new warnings must not keep a user from building.
let warningsAreErrors = Context.environment["RELINK_WARNINGS_AS_ERRORS"] == "1"

let swiftSettings: [SwiftSetting] =
    [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]
    + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])
let cSettings: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra"] + (warningsAreErrors ? ["-Werror"] : []))]

let package = Package(
    name: "relink",
    products: [
        .executable(name: "relink", targets: ["relink"]),
        .executable(name: "relink-medium", targets: ["relink-medium"]),
        .executable(name: "relink-simulate", targets: ["relink-simulate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // What the kernel and the system libraries offer, flat, without policy.
        .systemLibrary(
            name: "CLibNL", path: "CNetlink/system/CLibNL", pkgConfig: "libnl-genl-3.0",
            providers: [.apt(["libnl-3-dev", "libnl-genl-3-dev"])]),
        .systemLibrary(
            name: "CLibPcap", path: "CNetlink/system/CLibPcap", pkgConfig: "libpcap",
            providers: [.apt(["libpcap-dev"])]),
        .target(
            name: "CNetlink", dependencies: ["CLibNL", "CLibPcap"], path: "CNetlink", exclude: ["system"],
            cSettings: cSettings),
        .systemLibrary(
            name: "CLibCrypto", path: "CCrypto/system/CLibCrypto", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]),
        .target(
            name: "CCrypto", dependencies: ["CLibCrypto"], path: "CCrypto", exclude: ["system"], cSettings: cSettings),

        // Pure rooms: no clock, no randomness of their own, no I/O, no concurrency.
        .target(name: "IEEE80211", swiftSettings: swiftSettings),
        .target(
            name: "SessionCore",
            dependencies: [
                "IEEE80211", "LinkSecurity", .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "LinkSecurity",
            dependencies: ["IEEE80211", "CCrypto", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: swiftSettings),
        .target(
            name: "VirtualAir",
            dependencies: ["IEEE80211", "SessionCore", .product(name: "HeapModule", package: "swift-collections")],
            swiftSettings: swiftSettings),

        .target(
            name: "LabMedium",
            dependencies: [
                "IEEE80211", "SessionCore", "VirtualAir", .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),

        // Rooms with I/O.
        .target(name: "CaptureFiles", swiftSettings: swiftSettings),
        .target(
            name: "FrameDecoding", dependencies: ["IEEE80211", "CaptureFiles", "SessionCore", "LinkSecurity"],
            swiftSettings: swiftSettings),
        .target(
            name: "Recording", dependencies: ["IEEE80211", "SessionCore", "LinkSecurity", "CaptureFiles", "FrameDecoding"],
            swiftSettings: swiftSettings),
        .target(
            name: "SessionReport",
            dependencies: ["IEEE80211", "SessionCore", "LinkSecurity", "CaptureFiles", "FrameDecoding", "Recording"],
            swiftSettings: swiftSettings),
        .target(name: "EventLoop", dependencies: ["CNetlink"], swiftSettings: swiftSettings),
        .target(
            name: "RadioLinks",
            dependencies: [
                "IEEE80211", "SessionCore", "EventLoop", "CNetlink", .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "HostInterface", dependencies: ["IEEE80211", "SessionCore", "CNetlink"], swiftSettings: swiftSettings),
        .target(name: "ControlProtocol", swiftSettings: swiftSettings),
        .target(
            name: "Agent",
            dependencies: [
                "IEEE80211", "SessionCore", "LinkSecurity", "VirtualAir", "RadioLinks", "HostInterface", "EventLoop",
                "ControlProtocol", "CNetlink", "Recording",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "relink",
            dependencies: [
                "Agent", "ControlProtocol", "RadioLinks", "CaptureFiles", "FrameDecoding", "Recording", "SessionReport",
                "IEEE80211", "SessionCore", "LinkSecurity",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings),

        // For the lab: what its kernel radios hear each other through.
        .executableTarget(
            name: "relink-medium",
            dependencies: [
                "LabMedium", "IEEE80211", "SessionCore", "CaptureFiles", "EventLoop", "ControlProtocol", "CNetlink",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),

        .target(
            name: "TestSupport", dependencies: ["IEEE80211", "SessionCore", "LinkSecurity", "VirtualAir"],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        .testTarget(name: "IEEE80211Tests", dependencies: ["IEEE80211", "TestSupport"], swiftSettings: swiftSettings),
        .testTarget(
            name: "SessionCoreTests",
            dependencies: ["SessionCore", "LinkSecurity", "IEEE80211", "VirtualAir", "TestSupport"],
            exclude: ["gaps.md"], swiftSettings: swiftSettings),
        // Plays lives of clusters from seeds; `tools/simulate`.
        .target(
            name: "Simulation",
            dependencies: [
                "IEEE80211", "SessionCore", "LinkSecurity", "VirtualAir", "TestSupport",
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            path: "Tests/Simulation", exclude: ["mutants.toml"], swiftSettings: swiftSettings),
        .executableTarget(
            name: "relink-simulate",
            dependencies: [
                "Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Simulate", swiftSettings: swiftSettings),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "TestSupport", "SessionCore", "IEEE80211"], swiftSettings: swiftSettings),
        // Measures; `swift run -c release SessionCoreProbe`.
        .executableTarget(
            name: "SessionCoreProbe", dependencies: ["SessionCore", "IEEE80211", "TestSupport"],
            path: "Tests/SessionCoreProbe", swiftSettings: swiftSettings),
        .testTarget(
            name: "LinkSecurityTests",
            dependencies: [
                "LinkSecurity", "IEEE80211", "SessionCore", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Vectors"], swiftSettings: swiftSettings),
        // Measures; `swift run -c release LinkSecurityProbe`.
        .executableTarget(
            name: "LinkSecurityProbe",
            dependencies: ["LinkSecurity", "IEEE80211", .product(name: "Crypto", package: "swift-crypto")],
            path: "Tests/LinkSecurityProbe", swiftSettings: swiftSettings),
        .testTarget(
            name: "LabMediumTests", dependencies: ["LabMedium", "IEEE80211", "SessionCore", "VirtualAir"],
            swiftSettings: swiftSettings),
        .testTarget(name: "CaptureFilesTests", dependencies: ["CaptureFiles"], swiftSettings: swiftSettings),
        .testTarget(
            name: "RadioLinksTests", dependencies: ["RadioLinks", "IEEE80211", "SessionCore", "CNetlink", "EventLoop"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "HostInterfaceTests", dependencies: ["HostInterface", "IEEE80211", "SessionCore"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "AgentTests",
            dependencies: [
                "Agent", "ControlProtocol", "SessionCore", "LinkSecurity", "IEEE80211", "RadioLinks", "HostInterface",
                "Recording", "CaptureFiles", "FrameDecoding",
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "FrameDecodingTests",
            dependencies: ["FrameDecoding", "IEEE80211", "CaptureFiles", "SessionCore", "LinkSecurity", "TestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "SessionReportTests",
            dependencies: [
                "SessionReport", "Recording", "CaptureFiles", "IEEE80211", "SessionCore", "LinkSecurity", "TestSupport",
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "RecordingTests",
            dependencies: [
                "Recording", "CaptureFiles", "IEEE80211", "SessionCore", "LinkSecurity", "VirtualAir", "TestSupport",
            ],
            swiftSettings: swiftSettings),
        // Measures; `swift run -c release RecordingProbe`.
        .executableTarget(
            name: "RecordingProbe", dependencies: ["Recording", "IEEE80211", "SessionCore"],
            path: "Tests/RecordingProbe",
            swiftSettings: swiftSettings),
        // Inputs that nobody would make: the tests try some, `tools/fuzz` as many as it has time for.
        .target(
            name: "Fuzzing",
            dependencies: [
                "Agent", "CaptureFiles", "FrameDecoding", "IEEE80211", "RadioLinks", "Recording", "SessionCore",
                "SessionReport",
            ],
            path: "Tests/Fuzzing", swiftSettings: swiftSettings),
        .executableTarget(
            name: "FuzzWorker", dependencies: ["Fuzzing"], path: "Tests/FuzzWorker", swiftSettings: swiftSettings),
        .testTarget(name: "FuzzTests", dependencies: ["Fuzzing"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ReplayTests",
            dependencies: [
                "IEEE80211", "CaptureFiles", "FrameDecoding", "Recording", "SessionCore", "LinkSecurity", "Agent",
            ],
            exclude: ["Captures", "Recordings"], swiftSettings: swiftSettings),
        .testTarget(name: "LabTests", swiftSettings: swiftSettings),
        .testTarget(name: "TidyTests", swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6]
)
