// In a build without processes the contracts are plain interfaces; these attributes have no effect.
namespace Multiprocess;

[AttributeUsage(AttributeTargets.Interface)]
internal sealed class IpcInterfaceAttribute : Attribute;

[AttributeUsage(AttributeTargets.Class)]
internal sealed class IpcFaultAttribute : Attribute;

[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.ReturnValue)]
internal sealed class IpcSensitiveAttribute : Attribute;

[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class IpcUnionAttribute(int key, Type type) : Attribute
{
    public int Key { get; } = key;

    public Type Type { get; } = type;
}
