using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Multiprocess.Sandboxing;

namespace Multiprocess.Tests.Sandboxing;

/// <summary>The filter, judged by an interpreter of its instructions, for both processors.</summary>
public sealed partial class CallFilterTests
{
    private const int Self = 4711;
    private const uint Allow = 0x7fff0000;
    private const uint NotPermitted = 0x00050001;
    private const uint NotImplemented = 0x00050026;
    private const long ThreadFlags = 0x3d0f00;

    private static readonly Architecture[] s_processors = [Architecture.X64, Architecture.Arm64];

    [TestCaseSource(nameof(s_processors))]
    public void What_is_listed_is_allowed_and_nothing_else(Architecture processor)
    {
        HashSet<int> listed = [.. SystemCall.Allowed.Select(call => (int)call.On(processor))];
        HashSet<int> judged = [.. s_judged.Select(call => (int)call.On(processor))];

        for (int number = 0; number < 1000; number++)
        {
            if (!judged.Contains(number))
            {
                Assert.That(
                    Judge(processor, number),
                    Is.EqualTo(listed.Contains(number) ? Allow : NotPermitted),
                    $"call {number}");
            }
        }

        Assert.That(Judge(processor, 0x40000000 + SystemCall.Allowed[0].X64), Is.EqualTo(NotPermitted), "x32");
        Assert.That(Judge(processor, -1), Is.EqualTo(NotPermitted));
    }

    [TestCaseSource(nameof(s_processors))]
    public void A_filter_refuses_the_calls_of_another_processor(Architecture processor)
        => Assert.That(
            Run(SystemCallFilter.Write(processor, Self), 0x40000003, SystemCall.Allowed[0].On(processor), []),
            Is.EqualTo(NotPermitted));

    [TestCaseSource(nameof(s_processors))]
    public void Threads_are_made_and_processes_are_not(Architecture processor)
    {
        Assert.That(Judge(processor, SystemCall.CloneTask, ThreadFlags), Is.EqualTo(Allow));
        Assert.That(
            Judge(processor, SystemCall.CloneTask, ThreadFlags | 0x10000000),
            Is.EqualTo(NotPermitted),
            "a user namespace");
        Assert.That(Judge(processor, SystemCall.CloneTask, 17), Is.EqualTo(NotPermitted), "fork");
        Assert.That(Judge(processor, SystemCall.CloneTask, 0x4111), Is.EqualTo(NotPermitted), "vfork");
        Assert.That(Judge(processor, SystemCall.CloneTask3), Is.EqualTo(NotImplemented));
    }

    [TestCaseSource(nameof(s_processors))]
    public void A_process_signals_and_limits_only_itself(Architecture processor)
    {
        foreach (SystemCall call in (SystemCall[])[SystemCall.Kill, SystemCall.KillThread])
        {
            Assert.That(Judge(processor, call, Self), Is.EqualTo(Allow));
            Assert.That(Judge(processor, call, Self + 1), Is.EqualTo(NotPermitted));
            Assert.That(Judge(processor, call, 0), Is.EqualTo(NotPermitted), "its group");
            Assert.That(Judge(processor, call, -1), Is.EqualTo(NotPermitted), "all");
        }

        Assert.That(Judge(processor, SystemCall.Limits, 0), Is.EqualTo(Allow));
        Assert.That(Judge(processor, SystemCall.Limits, Self), Is.EqualTo(Allow));
        Assert.That(Judge(processor, SystemCall.Limits, 1), Is.EqualTo(NotPermitted));
    }

    [TestCaseSource(nameof(s_processors))]
    public void Arguments_that_reach_others_are_refused(Architecture processor)
    {
        Assert.That(Judge(processor, SystemCall.DeviceControl, 0, 0x5401), Is.EqualTo(Allow));
        Assert.That(Judge(processor, SystemCall.DeviceControl, 0, 0x5412), Is.EqualTo(NotPermitted));
        Assert.That(
            Judge(processor, SystemCall.DeviceControl, 0, 0x1_0000_5412),
            Is.EqualTo(NotPermitted),
            "the kernel reads the lower half");
        Assert.That(Judge(processor, SystemCall.FileControl, 0, 3), Is.EqualTo(Allow));
        Assert.That(Judge(processor, SystemCall.FileControl, 0, 8), Is.EqualTo(NotPermitted));
        Assert.That(Judge(processor, SystemCall.FileControl, 0, 15), Is.EqualTo(NotPermitted));
        Assert.That(Judge(processor, SystemCall.SetTimes, 5, 0), Is.EqualTo(Allow));
        Assert.That(Judge(processor, SystemCall.SetTimes, 5, 0x1000), Is.EqualTo(NotPermitted));
        Assert.That(
            Judge(processor, SystemCall.SetTimes, 5, 0x7f00_0000_0000),
            Is.EqualTo(NotPermitted),
            "an address whose lower half is 0");
    }

    [TestCase("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", Architecture.X64)]
    [TestCase("/usr/include/asm-generic/unistd.h", Architecture.Arm64)]
    public void Numbers_are_those_of_the_system(string header, Architecture processor)
    {
        Assume.That(header, Does.Exist, "the system's headers are not installed");
        Dictionary<string, int> numbers = [];
        foreach (Match match in Definition().Matches(File.ReadAllText(header)))
        {
            numbers.TryAdd(
                match.Groups["name"].Value, int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture));
        }

        // The generic header names this one after its older form.
        if (processor == Architecture.Arm64)
        {
            numbers["newfstatat"] = numbers["fstatat"];
        }

        Assert.Multiple(() =>
        {
            foreach (SystemCall call in SystemCall.Allowed.Concat(s_judged))
            {
                Assert.That(
                    call.On(processor), Is.EqualTo(numbers.GetValueOrDefault(call.Name, SystemCall.None)), call.Name);
            }
        });
    }

    private static readonly SystemCall[] s_judged =
    [
        SystemCall.CloneTask, SystemCall.CloneTask3, SystemCall.Kill, SystemCall.KillThread, SystemCall.Limits,
        SystemCall.DeviceControl, SystemCall.FileControl, SystemCall.SetTimes,
    ];

    private static uint Judge(Architecture processor, SystemCall call, params long[] arguments)
        => Judge(processor, call.On(processor), arguments);

    private static uint Judge(Architecture processor, int number, params long[] arguments)
        => Run(
            SystemCallFilter.Write(processor, Self),
            processor == Architecture.Arm64 ? 0xc00000b7 : 0xc000003e,
            number,
            arguments);

    /// <summary>Does what the kernel does with a filter.</summary>
    private static uint Run(ulong[] program, uint processor, int number, long[] arguments)
    {
        Span<uint> data = stackalloc uint[16];
        data[0] = (uint)number;
        data[1] = processor;
        for (int i = 0; i < arguments.Length; i++)
        {
            data[4 + (2 * i)] = (uint)arguments[i];
            data[5 + (2 * i)] = (uint)(arguments[i] >> 32);
        }

        uint value = 0;
        for (int at = 0; ; at++)
        {
            ulong instruction = program[at];
            uint operand = (uint)(instruction >> 32);
            switch ((uint)(instruction & 0xffff))
            {
                case 0x20:
                    value = data[(int)operand / sizeof(uint)];
                    continue;
                case 0x06:
                    return operand;
                case 0x15:
                    at += Jump(instruction, value == operand);
                    continue;
                case 0x25:
                    at += Jump(instruction, value > operand);
                    continue;
                case 0x35:
                    at += Jump(instruction, value >= operand);
                    continue;
                case 0x45:
                    at += Jump(instruction, (value & operand) != 0);
                    continue;
                default:
                    throw new InvalidOperationException(
                        $"The kernel would refuse instruction {at}: 0x{instruction:x}.");
            }
        }
    }

    private static int Jump(ulong instruction, bool holds) => (byte)(instruction >> (holds ? 16 : 24));

    [GeneratedRegex(@"#define __NR(3264)?_(?<name>\w+)\s+(?<number>\d+)")]
    private static partial Regex Definition();
}
