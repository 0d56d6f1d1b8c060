namespace Multiprocess;

/// <summary>What an <see cref="IpcAddress"/> leads to.</summary>
public enum IpcAddressKind
{
    /// <summary>Nowhere: neither listen nor connect.</summary>
    None = 0,

    /// <summary>A Unix domain socket.</summary>
    Unix = 1,

    /// <summary>
    /// When connecting only: the default Unix domain socket if a server listens on it, otherwise nothing.
    /// </summary>
    Auto = 2,

    /// <summary>A TCP host and port.</summary>
    Tcp = 3,

    /// <summary>
    /// When listening only: a Unix domain socket that a service manager created and passed to this process.
    /// </summary>
    Activated = 4,
}
