namespace Multiprocess;

/// <summary>The options of the two ends of a test pair.</summary>
public sealed record IpcTestPairOptions
{
    /// <summary>The options of the end that calls the root. Default: those of a connection.</summary>
    public IpcConnectionOptions Client { get; init; } = new();

    /// <summary>The options of the end that serves the root. Default: those of a connection.</summary>
    public IpcConnectionOptions Server { get; init; } = new();

    /// <summary>
    /// Whether disposing the pair checks with <see cref="IpcTestPair{T}.AssertNothingLeft"/> that nothing is left
    /// behind, and otherwise throws <see cref="IpcTestLeakException"/>. Default false. A pair whose connection has
    /// already ended is not checked.
    /// </summary>
    public bool FailOnLeaks { get; init; }

    /// <summary>How long a check for leaks waits for the last releases. Default 5 seconds.</summary>
    public TimeSpan LeakPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The transport of the pair. Default <see cref="IpcTestTransport.InMemory"/>.</summary>
    public IpcTestTransport Transport { get; init; }
}
