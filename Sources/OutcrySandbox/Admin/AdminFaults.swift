import OutcryKernel

// Faults by name: what the owner's commands and requests know of them.

extension SandboxFaults {
    /// The names of all faults, in the order in which they are told.
    static let names = ["dropsLastDepth", "engineLag"]

    /// What a fault is set to.
    ///
    /// - Precondition: `name` is one of ``names``.
    func text(_ name: String) -> String {
        switch name {
        case "dropsLastDepth": "\(dropsLastDepth)"
        case "engineLag": "\(Double(engineLag.nanoseconds) / 1e9)"
        default: preconditionFailure("a fault has one of the names")
        }
    }

    /// Sets a fault.
    ///
    /// - Throws: ``SandboxRefusal`` for a name or a value that there is not.
    mutating func set(_ name: String, _ text: String) throws(SandboxRefusal) {
        switch name {
        case "dropsLastDepth":
            guard let flag = Bool(text) else {
                throw Self.refusal(name, "true or false", text)
            }
            dropsLastDepth = flag
        case "engineLag":
            guard let seconds = Double(text), (0...86_400).contains(seconds) else {
                throw Self.refusal(name, "seconds from 0 to 86400", text)
            }
            engineLag = .nanoseconds(Int64(seconds * 1e9))
        default:
            throw Self.refusal("faults", "some of \(Self.names.joined(separator: ", "))", name)
        }
    }

    private static func refusal(
        _ name: String, _ expected: String, _ found: String
    ) -> SandboxRefusal {
        SandboxRefusal(description: "\(name): expected \(expected), found \"\(found)\"")
    }
}
