using Multiprocess.Native;

namespace Multiprocess.Sandboxing;

/// <summary>
/// The rules of one child about files (Landlock), created in the parent. The temporary thread that starts the child
/// applies them to itself, and the child inherits them.
/// </summary>
/// <remarks>
/// The rules also limit network addresses, signals and abstract sockets, if the kernel supports that. The filter of
/// system calls forbids them in any case.
/// </remarks>
internal sealed class FileRules : IDisposable
{
    private const ulong Execute = 1 << 0;
    private const ulong WriteFile = 1 << 1;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadDirectory = 1 << 3;
    private const ulong RemoveDirectory = 1 << 4;
    private const ulong RemoveFile = 1 << 5;
    private const ulong MakeDirectory = 1 << 7;
    private const ulong MakeFile = 1 << 8;
    private const ulong Refer = 1 << 13;
    private const ulong Truncate = 1 << 14;
    private const ulong DeviceControl = 1 << 15;

    private const ulong FirstVersion = (1 << 13) - 1;
    private const ulong Tcp = 0b11;
    private const ulong AbstractSocketsAndSignals = 0b11;

    // The accesses that a rule about a file may contain; a rule about a directory may contain more.
    private const ulong OfFiles = Execute | WriteFile | ReadFile | Truncate | DeviceControl;
    private const ulong Reading = Execute | ReadFile | ReadDirectory;
    private const ulong Writing =
        Reading | WriteFile | RemoveDirectory | RemoveFile | MakeDirectory | MakeFile | Refer | Truncate;

    private readonly NativeHandle _rules;
    private readonly ulong _limited;

    private FileRules(NativeHandle rules, ulong limited)
    {
        _rules = rules;
        _limited = limited;
    }

    /// <summary>The descriptor of the rules, for the thread that applies them.</summary>
    public int Descriptor => _rules.Descriptor;

    /// <summary>Creates the rules; returns null when the kernel has no Landlock.</summary>
    /// <exception cref="IOException">A path cannot be opened, or the kernel refuses the rules.</exception>
    public static FileRules? Create(IpcSandbox sandbox, string program)
    {
        int version = NativeSandbox.LandlockVersion;
        if (version == 0)
        {
            return null;
        }

        ulong[] attributes = Attributes(version);
        int descriptor = NativeSandbox.CreateRuleset(attributes);
        if (descriptor < 0)
        {
            throw Errno.Exception("Making the rules of a sandbox", Errno.Last);
        }

        var limits = new FileRules(new NativeHandle(descriptor), attributes[0]);
        try
        {
            foreach (string path in RuntimePaths.Readable(program).Where(Path.Exists))
            {
                limits.Allow(path, Reading);
            }

            foreach (string path in RuntimePaths.Writable.Where(Path.Exists))
            {
                limits.Allow(path, Writing);
            }

            foreach (string path in sandbox.ReadablePaths)
            {
                limits.Allow(path, Reading);
            }

            foreach (string path in sandbox.WritablePaths)
            {
                limits.Allow(path, Writing);
            }
        }
        catch
        {
            limits.Dispose();
            throw;
        }

        return limits;
    }

    /// <summary>
    /// The limits that a kernel of the given version can set: accesses to files, to the network, and to other
    /// processes. For a later version, the limits of the newest known version.
    /// </summary>
    public static ulong[] Attributes(int version)
    {
        ulong files = FirstVersion
            | (version >= 2 ? Refer : 0)
            | (version >= 3 ? Truncate : 0)
            | (version >= 5 ? DeviceControl : 0);
        return version switch
        {
            < 4 => [files],
            < 6 => [files, Tcp],
            _ => [files, Tcp, AbstractSocketsAndSignals],
        };
    }

    public void Dispose() => _rules.Dispose();

    private void Allow(string path, ulong access)
    {
        int descriptor = NativeSandbox.OpenPath(path);
        if (descriptor < 0)
        {
            throw Errno.Exception($"Opening '{path}' for the rules of a sandbox", Errno.Last);
        }

        using NativeHandle handle = new(descriptor);
        ulong possible = Directory.Exists(path) ? _limited : _limited & OfFiles;
        int error = NativeSandbox.AddRule(Descriptor, descriptor, access & possible);
        if (error != 0)
        {
            throw Errno.Exception($"Allowing '{path}' in a sandbox", error);
        }
    }
}
