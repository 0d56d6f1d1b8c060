using System.Runtime.InteropServices;
using Multiprocess.Native;

namespace Multiprocess.Sandboxing;

/// <summary>
/// The program with which the kernel judges each system call of a confined child (seccomp, classic BPF).
/// </summary>
/// <remarks>
/// The filter lists the allowed calls, not the refused ones, because a later kernel may add calls. Refused calls fail
/// with EPERM. <c>clone3</c> fails with ENOSYS, so that the C library creates threads with <c>clone</c>, whose flags a
/// filter can read.
/// </remarks>
internal sealed class SystemCallFilter
{
    /// <summary>The kernel's action for an allowed call.</summary>
    public const uint Allow = 0x7fff0000;

    /// <summary>The kernel's action for a refused call; the error number is in the low bits.</summary>
    public const uint Refuse = 0x00050000;

    private const int NumberOffset = 0;
    private const int ProcessorOffset = 4;
    private const int FirstArgumentOffset = 16;

    // The positions of the two jump offsets in an instruction.
    private const int WhenTrue = 16;
    private const int WhenFalse = 24;

    private const uint Load = 0x20;
    private const uint IfEqual = 0x15;
    private const uint IfGreater = 0x25;
    private const uint IfGreaterOrEqual = 0x35;
    private const uint IfAnyBit = 0x45;
    private const uint Return = 0x06;

    private const uint X64 = 0xc000003e;
    private const uint Arm64 = 0xc00000b7;

    // Flags of clone: the new task is a thread; the new task gets its own namespace.
    private const uint Thread = 0x00010000;
    private const uint NewNamespaces = 0x7e020000;

    // Requests that write into a terminal's input, as if its user had typed.
    private const uint TypeInto = 0x5412;
    private const uint ConsoleControl = 0x541c;

    // Commands that let the kernel send signals to others.
    private const uint SetOwner = 8;
    private const uint SetSignal = 10;
    private const uint SetOwnerOf = 15;

    private readonly List<ulong> _program = [];
    private readonly Architecture _architecture;

    private SystemCallFilter(Architecture architecture) => _architecture = architecture;

    /// <summary>Whether filters can be written for this processor.</summary>
    public static bool IsSupported
        => RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Writes the program: eight bytes for each instruction.</summary>
    /// <param name="architecture">The processor.</param>
    /// <param name="processId">The child itself: the one process that it may signal.</param>
    public static ulong[] Write(Architecture architecture, int processId)
    {
        var filter = new SystemCallFilter(architecture);
        filter.WriteAll((uint)processId);
        return [.. filter._program];
    }

    private void WriteAll(uint processId)
    {
        // Calls made in the form of another processor have other numbers.
        Add(Load, ProcessorOffset);
        Add(IfEqual, _architecture == Architecture.Arm64 ? Arm64 : X64, whenTrue: 1);
        RefuseAll();

        Add(Load, NumberOffset);
        AllowRanges();
        When(SystemCall.CloneTask3, () => Add(Return, Refuse | Errno.NotImplemented));
        When(SystemCall.CloneTask, () =>
        {
            Add(Load, Argument(0));
            RefuseIf(IfAnyBit, NewNamespaces);
            AllowIf(IfAnyBit, Thread);
            RefuseAll();
        });
        When(SystemCall.Kill, () => OnlyItself(processId));
        When(SystemCall.KillThread, () => OnlyItself(processId));
        When(SystemCall.Limits, () =>
        {
            Add(Load, Argument(0));
            AllowIf(IfEqual, 0);
            AllowIf(IfEqual, processId);
            RefuseAll();
        });
        When(SystemCall.DeviceControl, () =>
        {
            Add(Load, Argument(1));
            RefuseIf(IfEqual, TypeInto);
            RefuseIf(IfEqual, ConsoleControl);
            AllowAll();
        });
        When(SystemCall.FileControl, () =>
        {
            Add(Load, Argument(1));
            RefuseIf(IfEqual, SetOwner);
            RefuseIf(IfEqual, SetSignal);
            RefuseIf(IfEqual, SetOwnerOf);
            AllowAll();
        });
        When(SystemCall.SetTimes, () =>
        {
            // Without a path the call changes the descriptor's file. Landlock does not limit changes by path.
            Add(Load, Argument(1));
            Add(IfEqual, 0, whenTrue: 1);
            RefuseAll();
            Add(Load, Argument(1) + sizeof(uint));
            AllowIf(IfEqual, 0);
            RefuseAll();
        });
        RefuseAll();
    }

    /// <summary>
    /// Consecutive numbers share one test, so that the program, which the kernel runs at every call, stays short.
    /// </summary>
    private void AllowRanges()
    {
        int[] numbers =
        [
            .. SystemCall.Allowed
                .Select(call => (int)call.On(_architecture))
                .Where(number => number != SystemCall.None)
                .Order(),
        ];
        for (int first = 0; first < numbers.Length;)
        {
            int last = first;
            while (last + 1 < numbers.Length && numbers[last + 1] == numbers[last] + 1)
            {
                last++;
            }

            Add(IfGreaterOrEqual, (uint)numbers[first], whenFalse: 2);
            Add(IfGreater, (uint)numbers[last], whenTrue: 1);
            AllowAll();
            first = last + 1;
        }
    }

    private void OnlyItself(uint processId)
    {
        Add(Load, Argument(0));
        AllowIf(IfEqual, processId);
        RefuseAll();
    }

    /// <summary>Writes the rules for one call. The body must return in every case.</summary>
    private void When(SystemCall call, Action body)
    {
        int test = _program.Count;
        Add(IfEqual, (uint)call.On(_architecture));
        body();
        _program[test] |= (ulong)(_program.Count - test - 1) << WhenFalse;
    }

    private void AllowIf(uint condition, uint value)
    {
        Add(condition, value, whenFalse: 1);
        AllowAll();
    }

    private void RefuseIf(uint condition, uint value)
    {
        Add(condition, value, whenFalse: 1);
        RefuseAll();
    }

    private void AllowAll() => Add(Return, Allow);

    private void RefuseAll() => Add(Return, Refuse | Errno.NotPermitted);

    // The lower half of an argument; both processors store it first.
    private static uint Argument(int index) => (uint)(FirstArgumentOffset + (index * sizeof(ulong)));

    /// <param name="code">The operation.</param>
    /// <param name="value">The operand.</param>
    /// <param name="whenTrue">How many instructions to skip if the condition holds.</param>
    /// <param name="whenFalse">How many instructions to skip if the condition does not hold.</param>
    private void Add(uint code, uint value, byte whenTrue = 0, byte whenFalse = 0)
        => _program.Add(code | ((ulong)whenTrue << WhenTrue) | ((ulong)whenFalse << WhenFalse) | ((ulong)value << 32));
}
