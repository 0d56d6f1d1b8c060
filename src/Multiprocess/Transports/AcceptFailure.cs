namespace Multiprocess.Transports;

/// <summary>How to react to a failed accept.</summary>
internal enum AcceptFailure
{
    /// <summary>Only this connection is gone; the next one may be there.</summary>
    TryAgain,

    /// <summary>There are not enough descriptors or memory; other connections that end free some.</summary>
    PauseAndTryAgain,

    /// <summary>The listening socket itself is unusable.</summary>
    GiveUp,
}
