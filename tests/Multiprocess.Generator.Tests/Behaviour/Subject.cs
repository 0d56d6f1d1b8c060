namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>How the tests of a fixture reach their object.</summary>
public enum Reached
{
    /// <summary>As in one process: this is what the proxy is held against.</summary>
    Directly,

    /// <summary>
    /// Through what was generated; both ends are in this process, and everything between them is encoded.
    /// </summary>
    ThroughProxy,
}

/// <summary>An object of a contract for tests that must pass on it and through its proxy alike.</summary>
internal sealed class Subject<T>(T target, Reached reached) : IDisposable
    where T : class
{
    private readonly IpcTestPair<T>? _pair = reached == Reached.ThroughProxy ? IpcTestPair.Create(target) : null;

    public T Root => _pair?.Root ?? target;

    public void Dispose() => _pair?.Dispose();
}
