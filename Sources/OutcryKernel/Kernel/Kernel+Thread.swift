import Glibc

/// Counts, for each thread, how deep it is in kernels.
enum KernelThread {
    /// A word of each thread's own, zero at first.
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key, nil)
        precondition(result == 0, "the system has a key for a word of each thread's own")
        return key
    }()

    static var depth: Int { Int(bitPattern: unsafe pthread_getspecific(key)) }

    /// Runs `body` as a part of a kernel: a handler may run in it.
    static func inside<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let outside = depth
        set(outside + 1)
        defer { set(outside) }
        return try body()
    }

    private static func set(_ depth: Int) {
        _ = unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: depth))
    }
}

extension Kernel {
    /// Whether the calling thread is in a kernel now: in a handler, in a workflow, or in what a driver does
    /// between them. What waits there holds everybody up.
    public static var isRunningHere: Bool { KernelThread.depth > 0 }
}
