// One handler of one session type. See Core.swift, invariants 4 and 5.

/// Finds the payload of a record, lends or gives it to the handler, and ends its life when it is owned.
@safe @usableFromInline final class Thunk {
    /// The handler takes its payload: it cannot be run on a published record.
    @usableFromInline let takes: Bool
    @usableFromInline let run:
        (
            _ me: UnsafeRawPointer, _ payload: UnsafeMutableRawPointer, _ my: Context,
            _ owned: Bool
        ) throws -> Void

    @inlinable init<S: AnyObject, P: ~Copyable>(
        lending body: @escaping (S, borrowing P, Context) throws -> Void
    ) {
        takes = false
        unsafe run = { me, raw, my, owned in
            let payload = unsafe Payload<P>.find(raw)
            defer {
                if owned {
                    unsafe payload.deinitialize(count: 1)
                    unsafe Payload<P>.emptied(raw)
                }
            }
            unsafe try Unmanaged<S>.fromOpaque(me)._withUnsafeGuaranteedRef { me in
                unsafe try body(me, payload.pointee, my)
            }
        }
    }

    @inlinable init<S: AnyObject, P: ~Copyable>(
        taking body: @escaping (S, consuming P, Context) throws -> Void
    ) {
        takes = true
        unsafe run = { me, raw, my, _ in
            let payload = unsafe Payload<P>.find(raw)
            defer { unsafe Payload<P>.emptied(raw) }
            unsafe try Unmanaged<S>.fromOpaque(me)._withUnsafeGuaranteedRef { me in
                unsafe try body(me, payload.move(), my)
            }
        }
    }
}

/// What a session type declares, made once a type and kernel: event id -> thunk, and the mailbox rules.
@safe final class Table {
    let row: UnsafeMutablePointer<Unmanaged<Thunk>?>
    let count: UInt32
    /// Made when it is asked for: describing a type searches every conformance of the process.
    private(set) lazy var typeName = String(describing: type)
    let type: Any.Type
    let marks: MailboxMarks
    let catchAll: CatchAll?
    let policies: [(event: UInt32, make: () -> MailboxPolicy)]
    /// Asks a session of the type what it has to say of itself.
    let inspect: (UnsafeRawPointer, inout InspectionSheet) -> Void

    init<S: Session>(_ handlers: Handlers<S>) {
        unsafe inspect = { me, sheet in
            unsafe Unmanaged<S>.fromOpaque(me)._withUnsafeGuaranteedRef { $0.inspect(&sheet) }
        }
        count = (handlers.thunks.map(\.event).max() ?? 0) + 1
        type = S.self
        marks = handlers.marks
        catchAll = handlers.catchAll
        policies = handlers.policies
        unsafe row = .allocate(capacity: Int(count))
        unsafe row.initialize(repeating: nil, count: Int(count))
        for (event, thunk) in handlers.thunks {
            unsafe precondition(
                row[Int(event)] == nil,
                "\(typeName) has two handlers for \"\(Names.eventName(event))\"")
            unsafe row[Int(event)] = .passRetained(thunk)
        }
    }

    deinit {
        for i in 0..<Int(count) { unsafe row[i]?.release() }
        unsafe row.deallocate()
    }

    /// The events that it has handlers for.
    var events: [UInt32] { (0..<count).filter { unsafe row[Int($0)] != nil } }

    func takes(_ event: UInt32) -> Bool {
        guard event < count, let thunk = unsafe row[Int(event)] else { return false }
        return unsafe thunk._withUnsafeGuaranteedRef { $0.takes }
    }
}

/// A session type's handler for events that it does not know.
@safe final class CatchAll {
    let run: (UnsafeRawPointer, DeadLetter, Context) throws -> Void
    init<S: AnyObject>(_ body: @escaping (S, DeadLetter, Context) throws -> Void) {
        unsafe run = { me, letter, my in
            unsafe try Unmanaged<S>.fromOpaque(me)._withUnsafeGuaranteedRef { me in
                try body(me, letter, my)
            }
        }
    }
}
