// Written by 'multiprocess import' from real.capnp. Ids and ordinals are the schema's.
#nullable enable
using System;
using System.Collections.Generic;
using System.Threading;
using Multiprocess;
using Multiprocess.CapnProto;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts.Real;

[CapnpInterface(0xb4c1d2e3f4a59688)]
public interface IReal
{
    [CapnpMethod(0)]
    [return: CapnpField(0)]
    CodeGeneratorRequest? Turn([CapnpField(0)] CodeGeneratorRequest request);

    [CapnpMethod(1)]
    [return: CapnpField(0)]
    Message? Pass([CapnpField(0)] Message message);
}

[CapnpStruct(0xbfc546f6210ad7ce)]
public sealed record CodeGeneratorRequest
{
    [CapnpField(0)]
    public Node[] Nodes { get; init; } = [];

    [CapnpField(1)]
    public RequestedFile[] RequestedFiles { get; init; } = [];

    [CapnpField(2)]
    public CapnpVersion? CapnpVersion { get; init; }

    [CapnpField(3)]
    public SourceInfo[] SourceInfo { get; init; } = [];
}

[CapnpStruct(0x91b79f1f808db032)]
[IpcUnion(0, typeof(Message.Unimplemented))]
[IpcUnion(1, typeof(Message.Abort))]
[IpcUnion(2, typeof(Message.CallCase))]
[IpcUnion(3, typeof(Message.ReturnCase))]
[IpcUnion(4, typeof(Message.FinishCase))]
[IpcUnion(5, typeof(Message.ResolveCase))]
[IpcUnion(6, typeof(Message.ReleaseCase))]
[IpcUnion(7, typeof(Message.ObsoleteSave))]
[IpcUnion(8, typeof(Message.BootstrapCase))]
[IpcUnion(9, typeof(Message.ObsoleteDelete))]
[IpcUnion(10, typeof(Message.ProvideCase))]
[IpcUnion(11, typeof(Message.AcceptCase))]
[IpcUnion(12, typeof(Message.JoinCase))]
[IpcUnion(13, typeof(Message.DisembargoCase))]
public abstract record Message
{
    public sealed record Unimplemented([property: CapnpField(0)] Message? Value) : Message;

    public sealed record Abort([property: CapnpField(1)] Exception? Value) : Message;

    public sealed record CallCase([property: CapnpField(2)] Call? Value) : Message;

    public sealed record ReturnCase([property: CapnpField(3)] Return? Value) : Message;

    public sealed record FinishCase([property: CapnpField(4)] Finish? Value) : Message;

    public sealed record ResolveCase([property: CapnpField(5)] Resolve? Value) : Message;

    public sealed record ReleaseCase([property: CapnpField(6)] Release? Value) : Message;

    public sealed record ObsoleteSave([property: CapnpField(7)] CapnpMessage? Value) : Message;

    public sealed record BootstrapCase([property: CapnpField(8)] Bootstrap? Value) : Message;

    public sealed record ObsoleteDelete([property: CapnpField(9)] CapnpMessage? Value) : Message;

    public sealed record ProvideCase([property: CapnpField(10)] Provide? Value) : Message;

    public sealed record AcceptCase([property: CapnpField(11)] Accept? Value) : Message;

    public sealed record JoinCase([property: CapnpField(12)] Join? Value) : Message;

    public sealed record DisembargoCase([property: CapnpField(13)] Disembargo? Value) : Message;
}

[CapnpStruct(0xe682ab4cf923a417)]
[IpcUnion(0, typeof(Node.File))]
[IpcUnion(1, typeof(Node.Struct))]
[IpcUnion(2, typeof(Node.Enum))]
[IpcUnion(3, typeof(Node.Interface))]
[IpcUnion(4, typeof(Node.Const))]
[IpcUnion(5, typeof(Node.AnnotationCase))]
public abstract record Node
{
    [CapnpField(0)]
    public ulong Id { get; init; }

    [CapnpField(1)]
    public string DisplayName { get; init; } = "";

    [CapnpField(2)]
    public uint DisplayNamePrefixLength { get; init; }

    [CapnpField(3)]
    public ulong ScopeId { get; init; }

    [CapnpField(4)]
    public NestedNode[] NestedNodes { get; init; } = [];

    [CapnpField(5)]
    public Annotation[] Annotations { get; init; } = [];

    [CapnpField(32)]
    public Parameter[] Parameters { get; init; } = [];

    [CapnpField(33)]
    public bool IsGeneric { get; init; }

    [CapnpField(6)]
    public sealed record File : Node;

    public sealed record Struct : Node
    {
        [CapnpField(7)]
        public ushort DataWordCount { get; init; }

        [CapnpField(8)]
        public ushort PointerCount { get; init; }

        [CapnpField(9)]
        public ElementSize PreferredListEncoding { get; init; }

        [CapnpField(10)]
        public bool IsGroup { get; init; }

        [CapnpField(11)]
        public ushort DiscriminantCount { get; init; }

        [CapnpField(12)]
        public uint DiscriminantOffset { get; init; }

        [CapnpField(13)]
        public Field[] Fields { get; init; } = [];
    }

    public sealed record Enum : Node
    {
        [CapnpField(14)]
        public Enumerant[] Enumerants { get; init; } = [];
    }

    public sealed record Interface : Node
    {
        [CapnpField(15)]
        public Method[] Methods { get; init; } = [];

        [CapnpField(31)]
        public Superclass[] Superclasses { get; init; } = [];
    }

    public sealed record Const : Node
    {
        [CapnpField(16)]
        public Type? Type { get; init; }

        [CapnpField(17)]
        public Value? Value { get; init; }
    }

    public sealed record AnnotationCase : Node
    {
        [CapnpField(18)]
        public Type? Type { get; init; }

        [CapnpField(19)]
        public bool TargetsFile { get; init; }

        [CapnpField(20)]
        public bool TargetsConst { get; init; }

        [CapnpField(21)]
        public bool TargetsEnum { get; init; }

        [CapnpField(22)]
        public bool TargetsEnumerant { get; init; }

        [CapnpField(23)]
        public bool TargetsStruct { get; init; }

        [CapnpField(24)]
        public bool TargetsField { get; init; }

        [CapnpField(25)]
        public bool TargetsUnion { get; init; }

        [CapnpField(26)]
        public bool TargetsGroup { get; init; }

        [CapnpField(27)]
        public bool TargetsInterface { get; init; }

        [CapnpField(28)]
        public bool TargetsMethod { get; init; }

        [CapnpField(29)]
        public bool TargetsParam { get; init; }

        [CapnpField(30)]
        public bool TargetsAnnotation { get; init; }
    }
}

[CapnpStruct(0xcfea0eb02e810062)]
public sealed record RequestedFile
{
    [CapnpField(0)]
    public ulong Id { get; init; }

    [CapnpField(1)]
    public string Filename { get; init; } = "";

    [CapnpField(2)]
    public Import[] Imports { get; init; } = [];
}

[CapnpStruct(0xd85d305b7d839963)]
public sealed record CapnpVersion
{
    [CapnpField(0)]
    public ushort Major { get; init; }

    [CapnpField(1)]
    public byte Minor { get; init; }

    [CapnpField(2)]
    public byte Micro { get; init; }
}

[CapnpStruct(0xf38e1de3041357ae)]
public sealed record SourceInfo
{
    [CapnpField(0)]
    public ulong Id { get; init; }

    [CapnpField(1)]
    public string DocComment { get; init; } = "";

    [CapnpField(2)]
    public Member[] Members { get; init; } = [];
}

[CapnpStruct(0xd625b7063acf691a)]
public sealed record Exception
{
    [CapnpField(0)]
    public string Reason { get; init; } = "";

    [CapnpField(1)]
    public bool ObsoleteIsCallersFault { get; init; }

    [CapnpField(2)]
    public ushort ObsoleteDurability { get; init; }

    [CapnpField(3)]
    public Type2 Type { get; init; }

    [CapnpField(4)]
    public string Trace { get; init; } = "";
}

[CapnpStruct(0x836a53ce789d4cd4)]
public sealed record Call
{
    [CapnpField(0)]
    public uint QuestionId { get; init; }

    [CapnpField(1)]
    public MessageTarget? Target { get; init; }

    [CapnpField(2)]
    public ulong InterfaceId { get; init; }

    [CapnpField(3)]
    public ushort MethodId { get; init; }

    [CapnpField(4)]
    public Payload? Params { get; init; }

    public required SendResultsToUnion SendResultsTo { get; init; }

    [CapnpField(8, Default = false)]
    public bool AllowThirdPartyTailCall { get; init; } = false;

    [CapnpGroup]
    [IpcUnion(0, typeof(Call.SendResultsToUnion.Caller))]
    [IpcUnion(1, typeof(Call.SendResultsToUnion.Yourself))]
    [IpcUnion(2, typeof(Call.SendResultsToUnion.ThirdParty))]
    public abstract record SendResultsToUnion
    {
        [CapnpField(5)]
        public sealed record Caller : SendResultsToUnion;

        [CapnpField(6)]
        public sealed record Yourself : SendResultsToUnion;

        public sealed record ThirdParty([property: CapnpField(7)] CapnpMessage? Value) : SendResultsToUnion;
    }
}

[CapnpStruct(0x9e19b28d3db3573a)]
[IpcUnion(0, typeof(Return.Results))]
[IpcUnion(1, typeof(Return.ExceptionCase))]
[IpcUnion(2, typeof(Return.Canceled))]
[IpcUnion(3, typeof(Return.ResultsSentElsewhere))]
[IpcUnion(4, typeof(Return.TakeFromOtherQuestion))]
[IpcUnion(5, typeof(Return.AcceptFromThirdParty))]
public abstract record Return
{
    [CapnpField(0)]
    public uint AnswerId { get; init; }

    [CapnpField(1, Default = true)]
    public bool ReleaseParamCaps { get; init; } = true;

    public sealed record Results([property: CapnpField(2)] Payload? Value) : Return;

    public sealed record ExceptionCase([property: CapnpField(3)] Exception? Value) : Return;

    [CapnpField(4)]
    public sealed record Canceled : Return;

    [CapnpField(5)]
    public sealed record ResultsSentElsewhere : Return;

    public sealed record TakeFromOtherQuestion([property: CapnpField(6)] uint Value) : Return;

    public sealed record AcceptFromThirdParty([property: CapnpField(7)] CapnpMessage? Value) : Return;
}

[CapnpStruct(0xd37d2eb2c2f80e63)]
public sealed record Finish
{
    [CapnpField(0)]
    public uint QuestionId { get; init; }

    [CapnpField(1, Default = true)]
    public bool ReleaseResultCaps { get; init; } = true;
}

[CapnpStruct(0xbbc29655fa89086e)]
[IpcUnion(0, typeof(Resolve.Cap))]
[IpcUnion(1, typeof(Resolve.ExceptionCase))]
public abstract record Resolve
{
    [CapnpField(0)]
    public uint PromiseId { get; init; }

    public sealed record Cap([property: CapnpField(1)] CapDescriptor? Value) : Resolve;

    public sealed record ExceptionCase([property: CapnpField(2)] Exception? Value) : Resolve;
}

[CapnpStruct(0xad1a6c0d7dd07497)]
public sealed record Release
{
    [CapnpField(0)]
    public uint Id { get; init; }

    [CapnpField(1)]
    public uint ReferenceCount { get; init; }
}

[CapnpStruct(0xe94ccf8031176ec4)]
public sealed record Bootstrap
{
    [CapnpField(0)]
    public uint QuestionId { get; init; }

    [CapnpField(1)]
    public CapnpMessage? DeprecatedObjectId { get; init; }
}

[CapnpStruct(0x9c6a046bfbc1ac5a)]
public sealed record Provide
{
    [CapnpField(0)]
    public uint QuestionId { get; init; }

    [CapnpField(1)]
    public MessageTarget? Target { get; init; }

    [CapnpField(2)]
    public CapnpMessage? Recipient { get; init; }
}

[CapnpStruct(0xd4c9b56290554016)]
public sealed record Accept
{
    [CapnpField(0)]
    public uint QuestionId { get; init; }

    [CapnpField(1)]
    public CapnpMessage? Provision { get; init; }

    [CapnpField(2)]
    public bool Embargo { get; init; }
}

[CapnpStruct(0xfbe1980490e001af)]
public sealed record Join
{
    [CapnpField(0)]
    public uint QuestionId { get; init; }

    [CapnpField(1)]
    public MessageTarget? Target { get; init; }

    [CapnpField(2)]
    public CapnpMessage? KeyPart { get; init; }
}

[CapnpStruct(0xf964368b0fbd3711)]
public sealed record Disembargo
{
    [CapnpField(0)]
    public MessageTarget? Target { get; init; }

    public required ContextUnion Context { get; init; }

    [CapnpGroup]
    [IpcUnion(0, typeof(Disembargo.ContextUnion.SenderLoopback))]
    [IpcUnion(1, typeof(Disembargo.ContextUnion.ReceiverLoopback))]
    [IpcUnion(2, typeof(Disembargo.ContextUnion.AcceptCase))]
    [IpcUnion(3, typeof(Disembargo.ContextUnion.ProvideCase))]
    public abstract record ContextUnion
    {
        public sealed record SenderLoopback([property: CapnpField(1)] uint Value) : ContextUnion;

        public sealed record ReceiverLoopback([property: CapnpField(2)] uint Value) : ContextUnion;

        [CapnpField(3)]
        public sealed record AcceptCase : ContextUnion;

        public sealed record ProvideCase([property: CapnpField(4)] uint Value) : ContextUnion;
    }
}

[CapnpStruct(0xdebf55bbfa0fc242)]
public sealed record NestedNode
{
    [CapnpField(0)]
    public string Name { get; init; } = "";

    [CapnpField(1)]
    public ulong Id { get; init; }
}

[CapnpStruct(0xf1c8950dab257542)]
public sealed record Annotation
{
    [CapnpField(0)]
    public ulong Id { get; init; }

    [CapnpField(1)]
    public Value? Value { get; init; }

    [CapnpField(2)]
    public Brand? Brand { get; init; }
}

[CapnpStruct(0xb9521bccf10fa3b1)]
public sealed record Parameter
{
    [CapnpField(0)]
    public string Name { get; init; } = "";
}

public enum ElementSize : ushort
{
    Empty = 0,
    Bit = 1,
    Byte = 2,
    TwoBytes = 3,
    FourBytes = 4,
    EightBytes = 5,
    Pointer = 6,
    InlineComposite = 7,
}

[CapnpStruct(0x9aad50a41f4af45f)]
[IpcUnion(0, typeof(Field.Slot))]
[IpcUnion(1, typeof(Field.Group))]
public abstract record Field
{
    [CapnpField(0)]
    public string Name { get; init; } = "";

    [CapnpField(1)]
    public ushort CodeOrder { get; init; }

    [CapnpField(2)]
    public Annotation[] Annotations { get; init; } = [];

    [CapnpField(3, Default = 65535)]
    public ushort DiscriminantValue { get; init; } = 65535;

    public required OrdinalUnion Ordinal { get; init; }

    [CapnpGroup]
    [IpcUnion(0, typeof(Field.OrdinalUnion.Implicit))]
    [IpcUnion(1, typeof(Field.OrdinalUnion.Explicit))]
    public abstract record OrdinalUnion
    {
        [CapnpField(8)]
        public sealed record Implicit : OrdinalUnion;

        public sealed record Explicit([property: CapnpField(9)] ushort Value) : OrdinalUnion;
    }

    public sealed record Slot : Field
    {
        [CapnpField(4)]
        public uint Offset { get; init; }

        [CapnpField(5)]
        public Type? Type { get; init; }

        [CapnpField(6)]
        public Value? DefaultValue { get; init; }

        [CapnpField(10)]
        public bool HadExplicitDefault { get; init; }
    }

    public sealed record Group : Field
    {
        [CapnpField(7)]
        public ulong TypeId { get; init; }
    }
}

[CapnpStruct(0x978a7cebdc549a4d)]
public sealed record Enumerant
{
    [CapnpField(0)]
    public string Name { get; init; } = "";

    [CapnpField(1)]
    public ushort CodeOrder { get; init; }

    [CapnpField(2)]
    public Annotation[] Annotations { get; init; } = [];
}

[CapnpStruct(0x9500cce23b334d80)]
public sealed record Method
{
    [CapnpField(0)]
    public string Name { get; init; } = "";

    [CapnpField(1)]
    public ushort CodeOrder { get; init; }

    [CapnpField(2)]
    public ulong ParamStructType { get; init; }

    [CapnpField(3)]
    public ulong ResultStructType { get; init; }

    [CapnpField(4)]
    public Annotation[] Annotations { get; init; } = [];

    [CapnpField(5)]
    public Brand? ParamBrand { get; init; }

    [CapnpField(6)]
    public Brand? ResultBrand { get; init; }

    [CapnpField(7)]
    public Parameter[] ImplicitParameters { get; init; } = [];
}

[CapnpStruct(0xa9962a9ed0a4d7f8)]
public sealed record Superclass
{
    [CapnpField(0)]
    public ulong Id { get; init; }

    [CapnpField(1)]
    public Brand? Brand { get; init; }
}

[CapnpStruct(0xd07378ede1f9cc60)]
[IpcUnion(0, typeof(Type.Void))]
[IpcUnion(1, typeof(Type.Bool))]
[IpcUnion(2, typeof(Type.Int8))]
[IpcUnion(3, typeof(Type.Int16))]
[IpcUnion(4, typeof(Type.Int32))]
[IpcUnion(5, typeof(Type.Int64))]
[IpcUnion(6, typeof(Type.Uint8))]
[IpcUnion(7, typeof(Type.Uint16))]
[IpcUnion(8, typeof(Type.Uint32))]
[IpcUnion(9, typeof(Type.Uint64))]
[IpcUnion(10, typeof(Type.Float32))]
[IpcUnion(11, typeof(Type.Float64))]
[IpcUnion(12, typeof(Type.Text))]
[IpcUnion(13, typeof(Type.Data))]
[IpcUnion(14, typeof(Type.List))]
[IpcUnion(15, typeof(Type.Enum))]
[IpcUnion(16, typeof(Type.Struct))]
[IpcUnion(17, typeof(Type.Interface))]
[IpcUnion(18, typeof(Type.AnyPointer))]
public abstract record Type
{
    [CapnpField(0)]
    public sealed record Void : Type;

    [CapnpField(1)]
    public sealed record Bool : Type;

    [CapnpField(2)]
    public sealed record Int8 : Type;

    [CapnpField(3)]
    public sealed record Int16 : Type;

    [CapnpField(4)]
    public sealed record Int32 : Type;

    [CapnpField(5)]
    public sealed record Int64 : Type;

    [CapnpField(6)]
    public sealed record Uint8 : Type;

    [CapnpField(7)]
    public sealed record Uint16 : Type;

    [CapnpField(8)]
    public sealed record Uint32 : Type;

    [CapnpField(9)]
    public sealed record Uint64 : Type;

    [CapnpField(10)]
    public sealed record Float32 : Type;

    [CapnpField(11)]
    public sealed record Float64 : Type;

    [CapnpField(12)]
    public sealed record Text : Type;

    [CapnpField(13)]
    public sealed record Data : Type;

    public sealed record List : Type
    {
        [CapnpField(14)]
        public Type? ElementType { get; init; }
    }

    public sealed record Enum : Type
    {
        [CapnpField(15)]
        public ulong TypeId { get; init; }

        [CapnpField(21)]
        public Brand? Brand { get; init; }
    }

    public sealed record Struct : Type
    {
        [CapnpField(16)]
        public ulong TypeId { get; init; }

        [CapnpField(22)]
        public Brand? Brand { get; init; }
    }

    public sealed record Interface : Type
    {
        [CapnpField(17)]
        public ulong TypeId { get; init; }

        [CapnpField(23)]
        public Brand? Brand { get; init; }
    }

    [IpcUnion(0, typeof(Type.AnyPointer.Unconstrained))]
    [IpcUnion(1, typeof(Type.AnyPointer.ParameterCase))]
    [IpcUnion(2, typeof(Type.AnyPointer.ImplicitMethodParameter))]
    public abstract record AnyPointer : Type
    {
        [IpcUnion(0, typeof(Type.AnyPointer.Unconstrained.AnyKind))]
        [IpcUnion(1, typeof(Type.AnyPointer.Unconstrained.StructCase))]
        [IpcUnion(2, typeof(Type.AnyPointer.Unconstrained.ListCase))]
        [IpcUnion(3, typeof(Type.AnyPointer.Unconstrained.Capability))]
        public abstract record Unconstrained : AnyPointer
        {
            [CapnpField(18)]
            public sealed record AnyKind : Unconstrained;

            [CapnpField(25)]
            public sealed record StructCase : Unconstrained;

            [CapnpField(26)]
            public sealed record ListCase : Unconstrained;

            [CapnpField(27)]
            public sealed record Capability : Unconstrained;
        }

        public sealed record ParameterCase : AnyPointer
        {
            [CapnpField(19)]
            public ulong ScopeId { get; init; }

            [CapnpField(20)]
            public ushort ParameterIndex { get; init; }
        }

        public sealed record ImplicitMethodParameter : AnyPointer
        {
            [CapnpField(24)]
            public ushort ParameterIndex { get; init; }
        }
    }
}

[CapnpStruct(0xce23dcd2d7b00c9b)]
[IpcUnion(0, typeof(Value.Void))]
[IpcUnion(1, typeof(Value.Bool))]
[IpcUnion(2, typeof(Value.Int8))]
[IpcUnion(3, typeof(Value.Int16))]
[IpcUnion(4, typeof(Value.Int32))]
[IpcUnion(5, typeof(Value.Int64))]
[IpcUnion(6, typeof(Value.Uint8))]
[IpcUnion(7, typeof(Value.Uint16))]
[IpcUnion(8, typeof(Value.Uint32))]
[IpcUnion(9, typeof(Value.Uint64))]
[IpcUnion(10, typeof(Value.Float32))]
[IpcUnion(11, typeof(Value.Float64))]
[IpcUnion(12, typeof(Value.Text))]
[IpcUnion(13, typeof(Value.Data))]
[IpcUnion(14, typeof(Value.List))]
[IpcUnion(15, typeof(Value.Enum))]
[IpcUnion(16, typeof(Value.Struct))]
[IpcUnion(17, typeof(Value.Interface))]
[IpcUnion(18, typeof(Value.AnyPointer))]
public abstract record Value
{
    [CapnpField(0)]
    public sealed record Void : Value;

    public sealed record Bool([property: CapnpField(1)] bool ValueOfCase) : Value;

    public sealed record Int8([property: CapnpField(2)] sbyte ValueOfCase) : Value;

    public sealed record Int16([property: CapnpField(3)] short ValueOfCase) : Value;

    public sealed record Int32([property: CapnpField(4)] int ValueOfCase) : Value;

    public sealed record Int64([property: CapnpField(5)] long ValueOfCase) : Value;

    public sealed record Uint8([property: CapnpField(6)] byte ValueOfCase) : Value;

    public sealed record Uint16([property: CapnpField(7)] ushort ValueOfCase) : Value;

    public sealed record Uint32([property: CapnpField(8)] uint ValueOfCase) : Value;

    public sealed record Uint64([property: CapnpField(9)] ulong ValueOfCase) : Value;

    public sealed record Float32([property: CapnpField(10)] float ValueOfCase) : Value;

    public sealed record Float64([property: CapnpField(11)] double ValueOfCase) : Value;

    public sealed record Text([property: CapnpField(12)] string ValueOfCase) : Value;

    public sealed record Data([property: CapnpField(13)] byte[] ValueOfCase) : Value;

    public sealed record List([property: CapnpField(14)] CapnpMessage? ValueOfCase) : Value;

    public sealed record Enum([property: CapnpField(15)] ushort ValueOfCase) : Value;

    public sealed record Struct([property: CapnpField(16)] CapnpMessage? ValueOfCase) : Value;

    [CapnpField(17)]
    public sealed record Interface : Value;

    public sealed record AnyPointer([property: CapnpField(18)] CapnpMessage? ValueOfCase) : Value;
}

[CapnpStruct(0xae504193122357e5)]
public sealed record Import
{
    [CapnpField(0)]
    public ulong Id { get; init; }

    [CapnpField(1)]
    public string Name { get; init; } = "";
}

[CapnpStruct(0xc2ba9038898e1fa2)]
public sealed record Member
{
    [CapnpField(0)]
    public string DocComment { get; init; } = "";
}

public enum Type2 : ushort
{
    Failed = 0,
    Overloaded = 1,
    Disconnected = 2,
    Unimplemented = 3,
}

[CapnpStruct(0x95bc14545813fbc1)]
[IpcUnion(0, typeof(MessageTarget.ImportedCap))]
[IpcUnion(1, typeof(MessageTarget.PromisedAnswerCase))]
public abstract record MessageTarget
{
    public sealed record ImportedCap([property: CapnpField(0)] uint Value) : MessageTarget;

    public sealed record PromisedAnswerCase([property: CapnpField(1)] PromisedAnswer? Value) : MessageTarget;
}

[CapnpStruct(0x9a0e61223d96743b)]
public sealed record Payload
{
    [CapnpField(0)]
    public CapnpMessage? Content { get; init; }

    [CapnpField(1)]
    public CapDescriptor[] CapTable { get; init; } = [];
}

[CapnpStruct(0x8523ddc40b86b8b0)]
[IpcUnion(0, typeof(CapDescriptor.None))]
[IpcUnion(1, typeof(CapDescriptor.SenderHosted))]
[IpcUnion(2, typeof(CapDescriptor.SenderPromise))]
[IpcUnion(3, typeof(CapDescriptor.ReceiverHosted))]
[IpcUnion(4, typeof(CapDescriptor.ReceiverAnswer))]
[IpcUnion(5, typeof(CapDescriptor.ThirdPartyHosted))]
public abstract record CapDescriptor
{
    [CapnpField(6, Default = 255)]
    public byte AttachedFd { get; init; } = 255;

    [CapnpField(0)]
    public sealed record None : CapDescriptor;

    public sealed record SenderHosted([property: CapnpField(1)] uint Value) : CapDescriptor;

    public sealed record SenderPromise([property: CapnpField(2)] uint Value) : CapDescriptor;

    public sealed record ReceiverHosted([property: CapnpField(3)] uint Value) : CapDescriptor;

    public sealed record ReceiverAnswer([property: CapnpField(4)] PromisedAnswer? Value) : CapDescriptor;

    public sealed record ThirdPartyHosted([property: CapnpField(5)] ThirdPartyCapDescriptor? Value) : CapDescriptor;
}

[CapnpStruct(0x903455f06065422b)]
public sealed record Brand
{
    [CapnpField(0)]
    public Scope[] Scopes { get; init; } = [];
}

[CapnpStruct(0xd800b1d6cd6f1ca0)]
public sealed record PromisedAnswer
{
    [CapnpField(0)]
    public uint QuestionId { get; init; }

    [CapnpField(1)]
    public Op[] Transform { get; init; } = [];
}

[CapnpStruct(0xd37007fde1f0027d)]
public sealed record ThirdPartyCapDescriptor
{
    [CapnpField(0)]
    public CapnpMessage? Id { get; init; }

    [CapnpField(1)]
    public uint VineId { get; init; }
}

[CapnpStruct(0xabd73485a9636bc9)]
[IpcUnion(0, typeof(Scope.Bind))]
[IpcUnion(1, typeof(Scope.Inherit))]
public abstract record Scope
{
    [CapnpField(0)]
    public ulong ScopeId { get; init; }

    public sealed record Bind([property: CapnpField(1)] Binding[] Value) : Scope;

    [CapnpField(2)]
    public sealed record Inherit : Scope;
}

[CapnpStruct(0xf316944415569081)]
[IpcUnion(0, typeof(Op.Noop))]
[IpcUnion(1, typeof(Op.GetPointerField))]
public abstract record Op
{
    [CapnpField(0)]
    public sealed record Noop : Op;

    public sealed record GetPointerField([property: CapnpField(1)] ushort Value) : Op;
}

[CapnpStruct(0xc863cd16969ee7fc)]
[IpcUnion(0, typeof(Binding.Unbound))]
[IpcUnion(1, typeof(Binding.TypeCase))]
public abstract record Binding
{
    [CapnpField(0)]
    public sealed record Unbound : Binding;

    public sealed record TypeCase([property: CapnpField(1)] Type? Value) : Binding;
}
