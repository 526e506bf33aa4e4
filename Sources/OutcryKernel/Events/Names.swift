import Synchronization

/// The process-wide registry of event names and aliases. Event id 0 is never given out: it marks a
/// tombstone in the queue.
@usableFromInline enum Names {
    /// Ends the life of a payload. An object: as an element of something generic a closure would be wrapped in
    /// another, and to call it would count its references.
    @safe @usableFromInline final class Destroyer: Sendable {
        let run: @Sendable (UnsafeMutableRawPointer) -> Void
        init(run: @escaping @Sendable (UnsafeMutableRawPointer) -> Void) { unsafe self.run = run }
    }

    /// What is known of one event name, in the parts that the kernel needs to handle a payload whose
    /// type it does not know.
    @safe struct Entry: Sendable {
        let name: String
        let type: UInt
        let destroy: Destroyer
        /// FNV-1a of the name: the same in every process, whatever the order of interning.
        let hash: UInt64
    }

    private struct Registry: Sendable {
        var ids = TextMap<UInt32>()
        var entries = [
            unsafe Entry(name: "(tombstone)", type: 0, destroy: Destroyer(run: { _ in }), hash: 0)
        ]
        var aliases = TextMap<UInt32>()
        var aliasNames: [String] = []
    }

    private static let registry = Mutex(Registry())
    // The thread sanitizer cannot see a futex mutex at work; it sees this.
    private static let handover = Atomic<UInt>(0)

    private static func locked<R: Sendable>(_ body: (inout Registry) -> R) -> R {
        registry.withLock { registry in
            let turn = handover.load(ordering: .acquiring)
            defer { handover.store(turn &+ 1, ordering: .releasing) }
            return body(&registry)
        }
    }

    /// Interns an event name.
    ///
    /// - Parameters:
    ///   - key: The payload's type.
    ///   - destroy: Ends the life of a payload of it.
    @usableFromInline static func event(
        _ name: StaticString, type key: UInt,
        destroy: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
    ) -> UInt32 {
        let text = "\(name)"
        return locked { registry in
            if let id = registry.ids[text] {
                precondition(
                    registry.entries[Int(id)].type == key,
                    "event \"\(text)\" is declared with two payload types")
                return id
            }
            let id = UInt32(registry.entries.count)
            precondition(id < 65_536, "more than 65,535 event names")
            registry.ids[text] = id
            unsafe registry.entries.append(
                Entry(
                    name: text, type: key, destroy: Destroyer(run: destroy), hash: fnv(text)))
            return id
        }
    }

    static func eventName(_ id: UInt32) -> String { locked { $0.entries[Int(id)].name } }

    /// Every name, in alphabetical order: the order of interning is an accident.
    static func all() -> [String] { locked { $0.entries.dropFirst().map(\.name).sorted() } }

    static func entries() -> [Entry] { locked { $0.entries } }

    static func alias(_ name: String) -> UInt32 {
        locked { registry in
            if let id = registry.aliases[name] { return id }
            let id = UInt32(registry.aliasNames.count)
            registry.aliases[name] = id
            registry.aliasNames.append(name)
            return id
        }
    }

    static func aliasName(_ id: UInt32) -> String { locked { $0.aliasNames[Int(id)] } }

    private static func fnv(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}
