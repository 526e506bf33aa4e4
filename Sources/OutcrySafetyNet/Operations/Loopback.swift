import OutcryKernel

extension SocketAddress {
    /// Whether only this machine can reach it.
    var isLoopback: Bool {
        switch self {
        case .ipv4(let address, _): address >> 24 == 127
        case .ipv6(let high, let low, _, _): high == 0 && low == 1
        case .unix: true
        }
    }
}
