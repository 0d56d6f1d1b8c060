using Multiprocess.CapnProto;

[assembly: CapnpContracts(LeaveOut = true)]

namespace Multiprocess.Benchmarks.Contracts;

/// <summary>What is called across the cut while it is measured, and what the server tells about itself.</summary>
[IpcInterface]
public interface IBenchmark
{
    int Add(int a, int b);

    Task<int> AddAsync(int a, int b);

    /// <summary>The client's object that <see cref="Nest"/> and <see cref="Echo"/> call back.</summary>
    void Register(ICaller caller);

    /// <summary>Calls the other side's Nest with one less until none is left; the answer counts the calls.</summary>
    int Nest(int depth);

    INode MakeNode();

    byte[] EchoArray(byte[] bytes);

    /// <summary>Gives the bytes back through <see cref="ICaller.Take"/>, so that neither side makes an array.</summary>
    void Echo(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Connects to a socket and answers each message on it with blocking reads and writes on a thread of its own.
    /// </summary>
    void AnswerRaw(string path, int messageBytes, bool allocate);

    /// <summary>Serves <see cref="IHandover"/> at an address, until the process ends.</summary>
    void ServeHandover(string address);

    /// <summary>Serves this contract over Cap'n Proto at an address, until the process ends.</summary>
    void ServeCapnp(string address);

    /// <summary>Processor time that the server has used, in seconds.</summary>
    double ProcessorSeconds();

    /// <summary>Bytes that the thread which runs this caller's calls has allocated.</summary>
    long AllocatedBytes();

    /// <summary>Bytes that all threads have allocated.</summary>
    long AllocatedBytesOfAll();

    /// <summary>Bytes that live after full collections.</summary>
    long LiveBytes();
}

/// <summary>The client's side of the calls that go back.</summary>
[IpcInterface]
public interface ICaller
{
    int Nest(int depth);

    void Take(ReadOnlySpan<byte> bytes);
}

/// <summary>A remote object that does nothing but live.</summary>
[IpcInterface]
public interface INode : IDisposable;
