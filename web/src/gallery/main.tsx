import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import '../styles/base.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { createRoot } from 'react-dom/client'
import { queryClient } from '../data/query-client.ts'
import '../frame/theme.ts'
import { TooltipProvider } from '../ui/tooltip.tsx'
import { Gallery } from './gallery.tsx'

createRoot(document.getElementById('root')!).render(
  <QueryClientProvider client={queryClient}>
    <TooltipProvider>
      <Gallery />
    </TooltipProvider>
  </QueryClientProvider>,
)
