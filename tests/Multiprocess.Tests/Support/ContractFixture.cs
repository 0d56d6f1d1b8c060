namespace Multiprocess.Tests.Support;

/// <summary>How the tests of a fixture reach their object.</summary>
public enum Reached
{
    /// <summary>As in one process: this is what proxies are held against.</summary>
    Directly,

    InMemory,

    SocketPair,
}

/// <summary>The base of fixtures whose tests must pass on the object itself as they do through its proxy.</summary>
[TestFixture(Reached.Directly)]
[TestFixture(Reached.InMemory)]
[TestFixture(Reached.SocketPair)]
public abstract class ContractFixture(Reached reached)
    : PairFixture(reached == Reached.SocketPair ? IpcTestTransport.SocketPair : IpcTestTransport.InMemory)
{
    /// <summary>The object, or a proxy for it.</summary>
    protected T Reach<T>(T target) where T : class => reached == Reached.Directly ? target : Serve(target).Root;
}
