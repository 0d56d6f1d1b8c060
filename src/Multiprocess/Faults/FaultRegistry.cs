using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Multiprocess.Generated;
using Multiprocess.Serialization;

namespace Multiprocess.Faults;

/// <summary>
/// The exception types that are transferred completely, by name. A name that is not registered is never looked up
/// elsewhere.
/// </summary>
internal static class FaultRegistry
{
    private static readonly ConcurrentDictionary<string, Fault> s_byName = new(
        StandardFaults.All.ToDictionary(fault => fault.Name));
    private static readonly ConcurrentDictionary<Type, Fault> s_byType = new(
        StandardFaults.All.ToDictionary(fault => fault.Type));

    public static void Register<T>(IpcFaultCodec<T> codec) where T : Exception
    {
        var fault = new GeneratedFault<T>(codec);
        if (s_byType.TryAdd(typeof(T), fault))
        {
            s_byName.TryAdd(codec.Name, fault);
        }
    }

    public static Fault? Find(string name) => s_byName.GetValueOrDefault(name);

    public static Fault? Find(Type type)
    {
        if (!s_byType.TryGetValue(type, out Fault? fault) && type.IsDefined(typeof(IpcFaultAttribute), inherit: false))
        {
            RuntimeHelpers.RunModuleConstructor(type.Module.ModuleHandle);
            s_byType.TryGetValue(type, out fault);
        }

        return fault;
    }

    private sealed class GeneratedFault<T>(IpcFaultCodec<T> codec) : Fault(codec.Name, typeof(T)) where T : Exception
    {
        public override bool IsFree => true;

        public override void WriteMembers(ref MessagePackWriter writer, Exception exception, IpcWriteContext context)
            => codec.Write(ref writer, (T)exception, context);

        public override Exception Read(
            ref MessagePackReader members,
            IpcReadContext context,
            string message,
            Exception? inner)
            => codec.Read(ref members, context, message, inner);
    }
}
