namespace Multiprocess.AspNetCore.Tests.Floods;

/// <summary>Calls and answers of any size.</summary>
[IpcInterface]
public interface IFlood
{
    int Add(int a, int b);

    /// <summary>Gives so many bytes.</summary>
    byte[] Give(int bytes);

    /// <summary>Takes bytes, and nobody waits for that.</summary>
    [IpcOneWay]
    void Take(byte[] bytes);
}
