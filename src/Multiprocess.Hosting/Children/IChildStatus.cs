namespace Multiprocess.Hosting.Children;

/// <summary>A child, whatever its contract, as health checks see it.</summary>
internal interface IChildStatus
{
    string Name { get; }

    /// <summary>The process that runs; null while none does.</summary>
    int? ProcessId { get; }

    /// <summary>How many children were started after the first one.</summary>
    int Restarts { get; }

    /// <summary>Why none is started any more; null while one runs or will.</summary>
    string? Gone { get; }
}
