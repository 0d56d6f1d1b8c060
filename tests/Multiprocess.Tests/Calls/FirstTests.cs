namespace Multiprocess.Tests.Calls;

[IpcInterface]
public interface IFirst
{
    int Add(int a, int b);

    string Greet(string name);

    int Twice(Func<int, int> f, int x);

    Task<int> AddAsync(int a, int b);

    void Throw(string message);

    IFirst Self { get; }
}

public sealed class First : IFirst
{
    public int Add(int a, int b) => a + b;

    public string Greet(string name) => "Hello " + name;

    public int Twice(Func<int, int> f, int x) => f(f(x));

    public async Task<int> AddAsync(int a, int b)
    {
        await Task.Yield();
        return a + b;
    }

    public void Throw(string message) => throw new InvalidOperationException(message);

    public IFirst Self => this;
}

public class FirstTests
{
    [TestCase(IpcTestTransport.InMemory)]
    [TestCase(IpcTestTransport.SocketPair)]
    public async Task A_pair_calls_back_and_forth(IpcTestTransport transport)
    {
        using var pair = IpcTestPair.Create<IFirst>(new First(), new IpcTestPairOptions { Transport = transport });

        Assert.That(pair.Root.Add(2, 3), Is.EqualTo(5));
        Assert.That(pair.Root.Greet("you"), Is.EqualTo("Hello you"));
        Assert.That(pair.Root.Twice(x => pair.Root.Add(x, 10), 1), Is.EqualTo(21));
        Assert.That(await pair.Root.AddAsync(4, 5), Is.EqualTo(9));
        Assert.That(() => pair.Root.Throw("no"), Throws.InvalidOperationException.With.Message.EqualTo("no"));
        Assert.That(pair.Root.Self, Is.SameAs(pair.Root));
    }
}
