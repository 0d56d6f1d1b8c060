namespace Multiprocess.Hosting.Tests;

/// <summary>The contract of a child without a host.</summary>
[IpcInterface]
public interface IPlain
{
    int Add(int a, int b);
}

internal sealed class Plain : IPlain
{
    public int Add(int a, int b) => a + b;
}
