public import OutcryKernel
import OutcryServing

/// The value of one fault, as text.
public struct SandboxFaultSetting: Hashable, Sendable {
    /// One of ``SandboxFaults/names``.
    public var name: String
    /// As ``SandboxFaults/set(_:_:)`` takes it.
    public var value: String

    /// A value for a fault.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension Event
where Payload == Ask<[SandboxFaultSetting], Result<[SandboxFaultSetting], SandboxRefusal>> {
    /// To a sandbox: set these faults, all or, where one is refused, none. The answer is what all faults
    /// are set to then, in the order of ``SandboxFaults/names``; to change nothing asks for that alone.
    public static let sandboxFaults = Self("sandboxFaults")
}

/// How often each fault was done, since the sandbox was started.
public struct SandboxFaultCounts: Sendable, Equatable {
    private var counts = [Int](repeating: 0, count: SandboxFault.allCases.count)

    /// None yet.
    public init() {}

    /// How often a fault was done: messages, calls, or connections of which it befell one.
    public internal(set) subscript(_ fault: SandboxFault) -> Int {
        get { counts[fault.index] }
        set { counts[fault.index] = newValue }
    }

    /// How often in all.
    public var sum: Int { counts.reduce(0, +) }
}

extension SandboxFaults {
    /// What all faults are set to.
    var settings: [SandboxFaultSetting] {
        Self.names.map { SandboxFaultSetting($0, text($0) ?? "") }
    }

    /// With changes; as it is where one is refused.
    func with(_ changes: [SandboxFaultSetting]) throws(SandboxRefusal) -> SandboxFaults {
        var faults = self
        for change in changes { try faults.set(change.name, change.value) }
        return faults
    }
}
