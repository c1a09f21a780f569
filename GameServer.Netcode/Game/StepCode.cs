using System.Reflection;
using System.Reflection.Emit;

namespace GameServer.Netcode.Game;

/// <summary>Reads the compiled code of steps and hitboxes for what gives other bits on another runtime, which running them twice in one process never shows.</summary>
/// <remarks>
/// Found are conversions of a float to a whole number, which differ out of range, and functions of the platform that differ
/// (<see cref="PlatformCalls"/>). Methods that a step calls are read too, but for those of the platform and of this library; of virtual methods and
/// interfaces of the game, all that its assembly has in their place. Delegates that are kept in fields are not followed. Where code cannot be read
/// (compiled ahead of time), nothing is found. Used by the SyncTest; allocates.
/// </remarks>
internal sealed class StepCode
{
    private static readonly OpCode?[] s_short = new OpCode?[256];
    private static readonly OpCode?[] s_long = new OpCode?[256];

    private readonly HashSet<MethodBase> _read = [];
    private readonly Dictionary<Assembly, Type[]> _types = [];
    private readonly string _declared;
    private readonly List<string> _faults;

    static StepCode()
    {
        foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var code = (OpCode)field.GetValue(null)!;
            (code.Size == 1 ? s_short : s_long)[code.Value & 0xFF] = code;
        }
    }

    private StepCode(string declared, List<string> faults)
    {
        _declared = declared;
        _faults = faults;
    }

    /// <summary>Refuses steps and hitboxes whose results depend on the runtime.</summary>
    /// <exception cref="ArgumentException">The message names each place: the declaration, the method, what it does, and what to use instead.</exception>
    public static void Check(Schema schema)
    {
        var faults = new List<string>();
        foreach (KindSchema kind in schema.Kinds)
        {
            Read($"the step of \"{kind.Name}\"", kind.StepMethod, faults);
            Read($"the hitbox of \"{kind.Name}\"", kind.HitboxMethod, faults);
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException("server and client may compute different states: " + string.Join("; ", faults));
        }
    }

    private static void Read(string declared, MethodInfo? method, List<string> faults)
    {
        if (method is not null)
        {
            new StepCode(declared, faults).Read(method);
        }
    }

    private void Read(MethodBase method)
    {
        if (_read.Add(method) && IsOfGame(method) && method.GetMethodBody() is { } body)
        {
            new MethodCode(this, method, body).Run();
        }
    }

    private void Report(MethodBase method, string what) => _faults.Add($"{_declared}: {NameOf(method)} {what}");

    // The compiler calls the lambdas and local functions of a method <Method>b__… and <Method>g__…, those without captures in a class of their own.
    private static string NameOf(MethodBase method)
    {
        Type? type = method.DeclaringType;
        while (type is { DeclaringType: not null } && type.Name.StartsWith('<'))
        {
            type = type.DeclaringType;
        }

        if (!method.Name.StartsWith('<'))
        {
            return $"{type?.Name}.{method.Name}";
        }

        string outer = method.Name[1..method.Name.IndexOf('>', StringComparison.Ordinal)];
        return $"a lambda or local function in {type?.Name}" + (outer.StartsWith('.') ? "" : "." + outer);
    }

    private void Called(MethodBase caller, MethodBase callee, Type? receiver, bool isVirtual)
    {
        MethodInfo? exact = receiver is null ? null : OverrideIn(receiver, callee);
        if (PlatformCalls.FaultOf(exact ?? callee) is string fault)
        {
            Report(caller, fault);
        }

        Read(exact ?? callee);
        if (exact is null && isVirtual && callee.IsVirtual && !callee.IsFinal && IsOfGame(callee))
        {
            foreach (Type type in TypesOf(caller.Module.Assembly))
            {
                if (OverrideIn(type, callee) is { } other)
                {
                    Read(other);
                }
            }
        }
    }

    private Type[] TypesOf(Assembly assembly)
    {
        if (!_types.TryGetValue(assembly, out Type[]? types))
        {
            try
            {
                types = assembly.GetTypes();
            }
            catch (ReflectionTypeLoadException partly)
            {
                types = Array.FindAll(partly.Types, type => type is not null)!;
            }

            _types.Add(assembly, types);
        }

        return types;
    }

    // What runs when a method of a base class or an interface is called on a type; null when the type has nothing to do with it.
    private static MethodInfo? OverrideIn(Type type, MethodBase method)
    {
        Type? declaring = method.DeclaringType;
        if (declaring is null || type.IsInterface || type.ContainsGenericParameters || method is not MethodInfo called || !declaring.IsAssignableFrom(type))
        {
            return null;
        }

        if (declaring.IsInterface)
        {
            InterfaceMapping map = type.GetInterfaceMap(declaring);
            MethodInfo wanted = called.IsGenericMethod ? called.GetGenericMethodDefinition() : called;
            int index = Array.IndexOf(map.InterfaceMethods, wanted);
            return index >= 0 ? map.TargetMethods[index] : null;
        }

        const BindingFlags all = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        MethodInfo root = called.GetBaseDefinition();
        return Array.Find(type.GetMethods(all), m => m.GetBaseDefinition() == root);
    }

    // The platform's own code is known by name only; this library's is checked where it is built.
    private static bool IsOfGame(MethodBase method)
    {
        Assembly assembly = method.Module.Assembly;
        string name = assembly.GetName().Name ?? "";
        return assembly != typeof(StepCode).Assembly && assembly != typeof(object).Assembly
            && !name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("Microsoft.", StringComparison.Ordinal);
    }

    /// <summary>Follows one method from its first instruction to its last and knows of each value on the stack whether it is a float.</summary>
    private sealed class MethodCode(StepCode owner, MethodBase method, MethodBody body)
    {
        private readonly byte[] _code = body.GetILAsByteArray() ?? [];
        private readonly Dictionary<int, bool[]> _atTarget = [];
        private readonly Type[]? _typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        private readonly Type[]? _methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        private List<bool> _stack = [];
        private Type? _receiver;
        private int _at;

        public void Run()
        {
            foreach (ExceptionHandlingClause clause in body.ExceptionHandlingClauses)
            {
                _atTarget[clause.HandlerOffset] = [false];
            }

            while (_at < _code.Length)
            {
                if (_atTarget.TryGetValue(_at, out bool[]? waiting))
                {
                    _stack = [.. waiting];
                }

                OpCode code = (_code[_at++] is var first && first != 0xFE ? s_short[first] : s_long[_code[_at++]])!.Value;
                int operand = _at;
                _at += OperandBytes(code);
                Execute(code, operand);
            }
        }

        private int OperandBytes(OpCode code) => code.OperandType switch
        {
            OperandType.InlineNone => 0,
            OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
            OperandType.InlineVar => 2,
            OperandType.InlineI8 or OperandType.InlineR => 8,
            OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(_code, _at)),
            _ => 4,
        };

        private void Execute(OpCode code, int operand)
        {
            if (code.OperandType == OperandType.InlineMethod && code.FlowControl == FlowControl.Call)
            {
                Call(Method(operand), isNew: code == OpCodes.Newobj, isVirtual: code == OpCodes.Callvirt);
                return;
            }

            if (code == OpCodes.Constrained)
            {
                _receiver = TypeAt(operand);
            }

            if (code == OpCodes.Ldftn || code == OpCodes.Ldvirtftn)
            {
                owner.Called(method, Method(operand), null, isVirtual: code == OpCodes.Ldvirtftn); // a lambda
            }

            bool isAnyFloat = false;
            for (int i = Count(code.StackBehaviourPop); i > 0; i--)
            {
                isAnyFloat |= Pop();
            }

            if (isAnyFloat && Is(code, "conv.") && !Is(code, "conv.r"))
            {
                owner.Report(method, $"converts a float to a whole number ({code.Name}), which out of range differs between runtimes: use DeterministicMath.ToInt");
            }

            for (int i = Count(code.StackBehaviourPush); i > 0; i--)
            {
                _stack.Add(IsFloat(code, operand, isAnyFloat));
            }

            Branch(code, operand);
        }

        private bool IsFloat(OpCode code, int operand, bool ofFloats) => code.StackBehaviourPush switch
        {
            StackBehaviour.Pushr4 or StackBehaviour.Pushr8 => true,
            StackBehaviour.Push1_push1 => ofFloats, // dup
            StackBehaviour.Push1 when code.OperandType == OperandType.InlineField => IsFloat(Field(operand).FieldType),
            StackBehaviour.Push1 when code.OperandType == OperandType.InlineType => IsFloat(TypeAt(operand)),
            StackBehaviour.Push1 when Is(code, "ldloc") => IsFloat(body.LocalVariables[Number(code, operand)].LocalType),
            StackBehaviour.Push1 when Is(code, "ldarg") => IsFloat(Argument(Number(code, operand))),
            StackBehaviour.Push1 => ofFloats, // arithmetic
            _ => false,
        };

        private void Call(MethodBase callee, bool isNew, bool isVirtual)
        {
            owner.Called(method, callee, _receiver, isVirtual);
            _receiver = null;
            for (int i = callee.GetParameters().Length + (callee.IsStatic || isNew ? 0 : 1); i > 0; i--)
            {
                Pop();
            }

            if (isNew)
            {
                _stack.Add(false);
            }
            else if (callee is MethodInfo { ReturnType: var type } && type != typeof(void))
            {
                _stack.Add(IsFloat(type));
            }
        }

        // What is on the stack goes with the jump; after one that always jumps, nothing is known until something jumps there.
        private void Branch(OpCode code, int operand)
        {
            if (code.OperandType is OperandType.ShortInlineBrTarget or OperandType.InlineBrTarget)
            {
                int distance = code.OperandType == OperandType.InlineBrTarget ? BitConverter.ToInt32(_code, operand) : (sbyte)_code[operand];
                _atTarget[_at + distance] = [.. _stack];
            }

            if (code.FlowControl is FlowControl.Branch or FlowControl.Return or FlowControl.Throw)
            {
                _stack.Clear();
            }
        }

        private bool Pop()
        {
            if (_stack.Count == 0)
            {
                return false;
            }

            bool top = _stack[^1];
            _stack.RemoveAt(_stack.Count - 1);
            return top;
        }

        private int Number(OpCode code, int operand) => code.OperandType switch
        {
            OperandType.ShortInlineVar => _code[operand],
            OperandType.InlineVar => BitConverter.ToUInt16(_code, operand),
            _ => code.Name![^1] - '0',
        };

        private Type Argument(int number) => method.IsStatic ? method.GetParameters()[number].ParameterType
            : number == 0 ? typeof(object) : method.GetParameters()[number - 1].ParameterType;

        private MethodBase Method(int operand) =>
            method.Module.ResolveMethod(BitConverter.ToInt32(_code, operand), _typeArguments, _methodArguments)!;

        private FieldInfo Field(int operand) => method.Module.ResolveField(BitConverter.ToInt32(_code, operand), _typeArguments, _methodArguments)!;

        private Type TypeAt(int operand) => method.Module.ResolveType(BitConverter.ToInt32(_code, operand), _typeArguments, _methodArguments);

        private static bool Is(OpCode code, string prefix) => code.Name!.StartsWith(prefix, StringComparison.Ordinal);

        private static bool IsFloat(Type type) => type == typeof(float) || type == typeof(double);

        private static int Count(StackBehaviour behaviour) => behaviour switch
        {
            StackBehaviour.Pop0 or StackBehaviour.Push0 or StackBehaviour.Varpop or StackBehaviour.Varpush => 0,
            StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi or StackBehaviour.Popi_popi8
                or StackBehaviour.Popi_popr4 or StackBehaviour.Popi_popr8 or StackBehaviour.Popref_pop1 or StackBehaviour.Popref_popi or StackBehaviour.Push1_push1 => 2,
            StackBehaviour.Popi_popi_popi or StackBehaviour.Popref_popi_popi or StackBehaviour.Popref_popi_popi8
                or StackBehaviour.Popref_popi_popr4 or StackBehaviour.Popref_popi_popr8 or StackBehaviour.Popref_popi_popref or StackBehaviour.Popref_popi_pop1 => 3,
            _ => 1,
        };
    }
}
