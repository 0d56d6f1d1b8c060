using System.Globalization;
using System.Runtime.InteropServices;

namespace Multiprocess.Stress;

/// <summary>A child that turns malicious: it writes anything into the memory that it shares with its parent.</summary>
[IpcInterface]
public interface IScribbler
{
    int Add(int a, int b);

    byte[] Echo(byte[] bytes);

    /// <summary>
    /// Writes positions, signs and bytes of both rings at random, from a thread of its own, from the next
    /// <see cref="Add"/> until the process ends.
    /// </summary>
    /// <returns>The number of bytes of the memory; 0 when the connection is not in memory.</returns>
    int Scribble(int seed, bool onlyHeader);
}

internal sealed class Scribbler : IScribbler
{
    public const string Argument = "--scribbler";

    private readonly ManualResetEventSlim _begin = new();

    /// <summary>Serves the parent if the program was started for this.</summary>
    public static bool TryServe(string[] args, out int exitCode)
    {
        exitCode = 0;
        return args is [Argument, ..]
            && IpcParent.TryServe<IScribbler>(
                args,
                _ => new Scribbler(),
                out exitCode,
                new IpcConnectionOptions { LocalTransport = IpcLocalTransport.Memory });
    }

    public int Add(int a, int b)
    {
        _begin.Set();
        return a + b;
    }

    public byte[] Echo(byte[] bytes) => bytes;

    public int Scribble(int seed, bool onlyHeader)
    {
        // Without the library's help: the kernel says where the memory is.
        string? line = File.ReadLines("/proc/self/maps")
            .FirstOrDefault(line => line.Contains("memfd:multiprocess", StringComparison.Ordinal));
        if (line is null)
        {
            return 0;
        }

        string[] range = line.Split(' ')[0].Split('-');
        nint start = nint.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        int bytes = (int)(nint.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) - start);
        // Not before the answer to this call is on its way.
        _begin.Reset();
        var thread = new Thread(() =>
        {
            _begin.Wait();
            Write(new Random(seed), start, onlyHeader ? 4096 : bytes);
        });
        thread.IsBackground = true;
        thread.Start();
        return bytes;
    }

    private static void Write(Random random, nint start, int bytes)
    {
        while (true)
        {
            // The words of the two rings more often than all others.
            int offset = random.Next(3) == 0
                ? random.Next(bytes / 4) * 4
                : (random.Next(2) * 1024) + (random.Next(4) * 128) + (random.Next(2) * 4);
            int value = random.Next(4) switch
            {
                0 => random.Next(int.MinValue, int.MaxValue),
                1 => Marshal.ReadInt32(start, offset) + random.Next(-8, 9),
                2 => random.Next(2),
                _ => random.Next(128 * 1024),
            };
            Marshal.WriteInt32(start, offset, value);
            Thread.SpinWait(random.Next(2000));
        }
    }
}
