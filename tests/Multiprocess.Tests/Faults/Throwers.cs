namespace Multiprocess.Tests.Faults;

[IpcInterface]
public interface IThrower
{
    void Throw(int index);

    Task ThrowAsync(int index);

    int Add(int a, int b);
}

/// <summary>Throws what a test put in.</summary>
internal sealed class Thrower(params Exception[] exceptions) : IThrower
{
    public void Throw(int index) => throw exceptions[index];

    public async Task ThrowAsync(int index)
    {
        await Task.Yield();
        throw exceptions[index];
    }

    public int Add(int a, int b) => a + b;
}

/// <summary>Calls a thrower of another connection.</summary>
internal sealed class Forwarder(IThrower far) : IThrower
{
    public void Throw(int index) => far.Throw(index);

    public Task ThrowAsync(int index) => far.ThrowAsync(index);

    public int Add(int a, int b) => far.Add(a, b);
}

/// <summary>An exception of a user's that is not declared to cross.</summary>
internal sealed class PrivateException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>An exception that cannot even be described.</summary>
internal sealed class NastyException : Exception
{
    public override string Message => throw new InvalidOperationException("no message");

    public override string? StackTrace => throw new InvalidOperationException("no stack");
}

/// <summary>A declared exception with a member that cannot be read.</summary>
[IpcFault]
public sealed class HalfBrokenException(string message, int code) : Exception(message)
{
    public int Code => code > 0 ? code : throw new InvalidOperationException("no code");
}
