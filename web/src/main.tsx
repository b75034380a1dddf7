import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import './styles/base.css'
import { createRoot } from 'react-dom/client'
import { App } from './frame/app.tsx'
import './frame/theme.ts'

createRoot(document.getElementById('root')!).render(<App />)
