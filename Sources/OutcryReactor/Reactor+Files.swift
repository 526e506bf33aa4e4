import Dispatch
import Glibc
public import OutcryKernel

// Files, on Dispatch's threads. The operations on one path keep their order.

extension Reactor {
    /// Reads a whole file.
    public func read(_ path: String, _ request: RequestID) {
        onLane(path, request) { () throws(SystemError) in .bytes(try FileWork.read(path)) }
    }

    /// Appends to a file; not forced to the disk.
    public func append(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        onLane(path, request) { () throws(SystemError) in
            try FileWork.append(path, bytes)
            return .done
        }
    }

    /// Replaces a file's content atomically and durably: a new file is written, synced and renamed, and its
    /// folder synced.
    public func replace(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        onLane(path, request) { () throws(SystemError) in
            try FileWork.replace(path, bytes)
            return .done
        }
    }

    /// Takes numbers from a file that processes share; not forced to the disk.
    public func advance(
        _ path: String, past floor: UInt64, by count: UInt64, _ request: RequestID
    ) {
        onLane(path, request) { () throws(SystemError) in
            .mark(try FileWork.advance(path, past: floor, by: count))
        }
    }

    private func onLane(
        _ path: String, _ request: RequestID,
        _ work: @escaping @Sendable () throws(SystemError) -> RequestResult
    ) {
        let completions = completions
        files.lane(path).async {
            do throws(SystemError) {
                completions.push(.outcome(request, try work()))
            } catch {
                completions.push(.outcome(request, .failed(error)))
            }
        }
    }
}
