namespace Multiprocess.Transports;

/// <summary>What a failed accept asks for.</summary>
internal enum AcceptFailure
{
    /// <summary>The one connection is gone; the next may be there.</summary>
    TryAgain,

    /// <summary>Descriptors or memory are short; they come free when other connections end.</summary>
    PauseAndTryAgain,

    /// <summary>The listening socket itself is unusable.</summary>
    GiveUp,
}
