using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Multiprocess.Native;
using Multiprocess.Sandboxing;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Processes;

/// <summary>Starts a child process that inherits one end of a socketpair and no other descriptor. Linux only.</summary>
/// <remarks>
/// Uses the C library's posix_spawn. The base library can pass a descriptor only after it was made inheritable in this
/// process, and then any other process that starts at that moment inherits it too. With posix_spawn the descriptor is
/// inheritable in the child alone. Everything that the child needs is built before the child exists: between its start
/// and its exec, no code of this library runs.
/// </remarks>
internal static unsafe class ChildLauncher
{
    /// <summary>The argument that tells a child the descriptor of its end.</summary>
    public const string DescriptorArgument = "-ipcfd";

    /// <summary>The descriptor of the child's end in the child: the first after the standard streams.</summary>
    private const int InheritedDescriptor = 3;

    private const int StandardOutput = 1;
    private const int StandardError = 2;

    // Not in every C library. Without it, the child also inherits descriptors that other code has left inheritable.
    private static readonly bool s_canCloseOthers =
        NativeLibrary.TryGetExport(
            NativeLibrary.GetMainProgramHandle(), "posix_spawn_file_actions_addclosefrom_np", out _);

    /// <summary>Starts the child.</summary>
    /// <returns>The process, and this side's end of the connection to it.</returns>
    /// <exception cref="IpcException">
    /// The child could not be started (<see cref="IpcErrorKind.SpawnFailed"/>); the message names program, step and
    /// reason.
    /// </exception>
    public static (ChildProcess Process, UnixSocketTransport Transport) Launch(ChildLaunch launch)
    {
        string program = ProgramPath.Find(launch.Program);
        string? directory = launch.WorkingDirectory is null ? null : Path.GetFullPath(launch.WorkingDirectory);
        if (directory is not null && !Directory.Exists(directory))
        {
            throw Failed(program, $"its working directory '{directory}' does not exist.");
        }

        using NativeStrings path = new([program]);
        using NativeStrings arguments = new(
        [
            program,
            .. launch.Arguments,
            DescriptorArgument,
            InheritedDescriptor.ToString(CultureInfo.InvariantCulture),
        ]);
        using NativeStrings environment = new(MergeEnvironment(launch));
        FileRules? limits = null;
        NativeHandle? mine = null;
        NativeHandle? theirs = null;
        NativeHandle? theirOutput = null;
        NativeHandle? theirErrors = null;
        try
        {
            limits = Limits(launch.Sandbox, program);

            // Acquire all resources that may be scarce before the process exists.
            (mine, theirs) = TransportPair.CreateSocketHandles();
            ChildOutput? output = launch.OutputLine is { } take
                ? Relay(() => new LineStream(take), 0, out theirOutput)
                : null;
            ChildOutput? errors = launch.ReadsErrors
                ? Relay(launch.OpenErrors, launch.ErrorTailBytes, out theirErrors)
                : null;
            bool isConfined = launch.Sandbox is not null;
            int id = Spawn(
                program,
                *path.Start,
                arguments,
                environment,
                theirs,
                theirOutput,
                theirErrors,
                directory,
                isConfined,
                limits);
            ChildProcess process = new NativeChildProcess(id, program, output, errors);

            // The credentials of a socketpair name the process that created it, which is this process.
            IpcPeer peer = PeerCredentials.Own() with { ProcessId = id };
            return (
                process,
                new UnixSocketTransport(
                    mine, peer, string.Create(CultureInfo.InvariantCulture, $"child process {id}")));
        }
        catch (Exception failure)
        {
            mine?.Dispose();
            if (failure is IOException or OutOfMemoryException)
            {
                throw Failed(program, $"something that it takes is short: {failure.Message}", failure);
            }

            throw;
        }
        finally
        {
            limits?.Dispose();
            theirs?.Dispose();
            theirOutput?.Dispose();
            theirErrors?.Dispose();
        }
    }

    private static FileRules? Limits(IpcSandbox? sandbox, string program)
        => sandbox is null ? null
            : FileRules.Create(sandbox, program) is { } limits ? limits
            : !sandbox.Require ? null
            : throw Failed(program, "its sandbox cannot be made: the kernel has no Landlock, or it is switched off.");

    /// <summary>
    /// Creates the pipe for one of the child's standard streams and starts reading it. Reading ends when the last copy
    /// of the child's end is closed.
    /// </summary>
    private static ChildOutput Relay(Func<Stream> open, int keptBytes, out NativeHandle theirs)
    {
        (NativeHandle mine, theirs) = NativeFiles.MakePipe();
        Stream? from = null;
        Stream? to = null;
        try
        {
            from = Read(mine);
            to = open();
            return new ChildOutput(from, to, keptBytes);
        }
        catch
        {
            mine.Dispose();
            from?.Dispose();
            to?.Dispose();
            throw;
        }
    }

    private static int Spawn(
        string program,
        byte* path,
        NativeStrings arguments,
        NativeStrings environment,
        NativeHandle theirs,
        NativeHandle? theirOutput,
        NativeHandle? theirErrors,
        string? directory,
        bool isConfined,
        FileRules? limits)
    {
        byte* actions = stackalloc byte[NativeProcess.OpaqueBytes];
        byte* attributes = stackalloc byte[NativeProcess.OpaqueBytes];
        byte* signals = stackalloc byte[NativeProcess.OpaqueBytes];
        Check(NativeProcess.InitializeActions(actions), program, "preparing its descriptors");
        try
        {
            Check(NativeProcess.InitializeAttributes(attributes), program, "preparing its attributes");
            try
            {
                // First, because these descriptors may have the number that the socket gets.
                if (theirOutput is not null)
                {
                    Check(
                        NativeProcess.AddDuplicate(actions, theirOutput.Descriptor, StandardOutput),
                        program,
                        "handing over its standard output");
                }

                if (theirErrors is not null)
                {
                    Check(
                        NativeProcess.AddDuplicate(actions, theirErrors.Descriptor, StandardError),
                        program,
                        "handing over its standard error");
                }

                // When both numbers are equal, the C library clears close-on-exec instead of doing nothing.
                Check(
                    NativeProcess.AddDuplicate(actions, theirs.Descriptor, InheritedDescriptor),
                    program,
                    "handing over its socket");
                if (s_canCloseOthers)
                {
                    Check(
                        NativeProcess.AddCloseFrom(actions, InheritedDescriptor + 1),
                        program,
                        "closing other descriptors");
                }

                if (directory is not null)
                {
                    Check(NativeProcess.AddChangeDirectory(actions, directory), program, "setting its directory");
                }

                // The runtime ignores SIGPIPE and handles other signals; an ignored signal would stay ignored in the
                // child.
                _ = NativeProcess.FillSignals(signals);
                Check(NativeProcess.SetDefaultSignals(attributes, signals), program, "resetting its signals");
                _ = NativeProcess.EmptySignals(signals);
                Check(NativeProcess.SetBlockedSignals(attributes, signals), program, "resetting its signals");
                Check(
                    NativeProcess.SetAttributeFlags(
                        attributes, NativeProcess.ResetSignals | NativeProcess.SetSignalMask),
                    program,
                    "resetting its signals");

                int id;
                int error = isConfined
                    ? ConfinedStart.Spawn(
                        limits,
                        new(
                            (nint)(&id),
                            (nint)path,
                            (nint)actions,
                            (nint)attributes,
                            (nint)arguments.Start,
                            (nint)environment.Start))
                    : NativeProcess.Spawn(&id, path, actions, attributes, arguments.Start, environment.Start);
                Check(error, program, isConfined ? "executing it in its sandbox" : "executing it");
                return id;
            }
            finally
            {
                _ = NativeProcess.DestroyAttributes(attributes);
            }
        }
        finally
        {
            _ = NativeProcess.DestroyActions(actions);
        }
    }

    private static FileStream Read(NativeHandle pipe)
    {
        SafeFileHandle handle = new(pipe.Descriptor, ownsHandle: true);
        pipe.SetHandleAsInvalid();
        return new FileStream(handle, FileAccess.Read, bufferSize: 0);
    }

    // The runtime has its own copy of the environment: variables set in this process are missing in the C library's.
    private static List<string> MergeEnvironment(ChildLaunch launch)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string)variable.Value!;
        }

        foreach ((string name, string? value) in ConfinedChild.Environment(launch.Sandbox, launch.Environment))
        {
            if (value is null)
            {
                _ = variables.Remove(name);
            }
            else
            {
                variables[name] = value;
            }
        }

        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    private static void Check(int error, string program, string step)
    {
        if (error != 0)
        {
            throw Failed(program, $"{step} failed: {Errno.Describe(error)}.");
        }
    }

    private static IpcException Failed(string program, string reason, Exception? failure = null)
        => new(IpcErrorKind.SpawnFailed, $"Cannot start '{program}': {reason}", failure);
}
