namespace Multiprocess.Hosting.Children;

/// <summary>A child of any contract, as health checks see it.</summary>
internal interface IChildStatus
{
    string Name { get; }

    /// <summary>The process that runs; null while none runs.</summary>
    int? ProcessId { get; }

    /// <summary>How many children were started after the first.</summary>
    int Restarts { get; }

    /// <summary>Why the child is no longer restarted; null while one runs or will be started.</summary>
    string? Gone { get; }
}
