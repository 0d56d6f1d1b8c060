using Microsoft.Win32.SafeHandles;

namespace Multiprocess.Tests.Calls;

/// <summary>A value whose second member cannot be read.</summary>
public sealed class BrokenParcel
{
    public SafeFileHandle? File { get; set; }

    public int Broken
    {
        get => throw new InvalidOperationException("No such number.");
        set => _ = value;
    }
}

[IpcInterface]
public interface IFiles
{
    string Read(SafeFileHandle file);

    int Count(SafeFileHandle[] files);

    SafeFileHandle[] Open(int count);

    BrokenParcel OpenBroken();

    int Weigh(BrokenParcel parcel);

    int Choose(SafeFileHandle file, DayOfWeek day);

    void Hold(Action entered);

    Task<string> ReadAsync(SafeFileHandle file, CancellationToken cancellationToken = default);

    [IpcOneWay]
    void Note(SafeFileHandle file);

    [IpcMethod(1000)]
    int Later(SafeFileHandle file);
}

/// <summary>A contract whose root has no descriptor itself, but brings an object that has.</summary>
[IpcInterface]
public interface IFileShop
{
    IFiles Enter();
}

/// <summary>The root's contract has nothing to do with descriptors.</summary>
[IpcInterface]
public interface INoFiles
{
    int Add(int a, int b);
}
